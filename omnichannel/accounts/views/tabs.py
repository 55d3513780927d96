"""The tabs over all settings pages."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


def settings_tabs(request: HttpRequest) -> list[dict[str, Any]]:
    """Those that the reader's role may open."""
    tabs = [
        ("settings", _("Workspace")),
        ("team", _("Team")),
        ("api_keys", _("Keys")),
        ("identity_rules", _("Who is who")),
    ]
    tabs.append(("data_settings", _("Data")))
    if request.user.may("admin"):  # type: ignore[union-attr]
        tabs.append(("audit", _("History")))
    tabs.append(("own_profile", _("You")))
    return [{"label": label, "url": reverse(name)} for name, label in tabs]
