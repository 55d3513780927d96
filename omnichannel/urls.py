"""All addresses. Each app keeps its own; nothing but includes here."""

from django.urls import include, path

urlpatterns = [
    path("", include("omnichannel.shared.urls")),
    path("", include("omnichannel.accounts.urls")),
    path("", include("omnichannel.jobs.urls")),
    path("", include("profiles.urls")),
    path("", include("journeys.urls")),
]

handler400 = "omnichannel.shared.errors.bad_request"
handler403 = "omnichannel.shared.errors.permission_denied"
handler404 = "omnichannel.shared.errors.not_found"
handler500 = "omnichannel.shared.errors.server_error"
