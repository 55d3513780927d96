"""All addresses. Each app keeps its own; nothing but includes here."""

from django.urls import include, path

urlpatterns = [
    path("", include("omnichannel.shared.urls")),
    path("", include("omnichannel.accounts.urls")),
    path("", include("profiles.urls")),
    path("", include("journeys.urls")),
]
