"""Addresses of sign-in, settings, team, keys and history."""

from django.urls import include, path, re_path
from django.views.generic import RedirectView

from omnichannel.accounts.views import audit, keys, team, workspace

urlpatterns = [
    path("accounts/email/", RedirectView.as_view(pattern_name="own_profile")),  # one address each, which an admin knows
    path("accounts/", include("allauth.urls")),
    path("welcome/<str:token>/", team.invitation, name="invitation"),
    path("settings/", workspace.settings, name="settings"),
    path("settings/you/", workspace.own_profile, name="own_profile"),
    path("settings/theme/", workspace.theme, name="theme"),
    path("settings/team/", team.team, name="team"),
    re_path(
        r"^settings/team/(?P<pk>\d+)/(?P<verb>role|deactivate|reactivate|invite)/$", team.member, name="team_member"
    ),
    path("settings/keys/", keys.api_keys, name="api_keys"),
    path("settings/keys/<int:pk>/revoke/", keys.revoke_key, name="revoke_key"),
    path("settings/audit/", audit.audit, name="audit"),
]
