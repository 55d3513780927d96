"""Ready-made starts, so that nobody faces an empty page. E-mail layouts are the files in templates/journeys/layouts."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Layout:
    """One start."""

    key: str
    channel: str
    icon: str
    label: str | Promise
    text: str | Promise

    def content(self) -> dict[str, Any]:
        """What the new template holds."""
        if self.channel == "email":
            body = (settings.BASE_DIR / "templates" / "journeys" / "layouts" / f"{self.key}.mjml").read_text()
            return {
                "subject": _t("A subject that says why"),
                "preheader": "",
                "format": "mjml",
                "body": body,
                "text": "",
            }
        return {"body": _t('Hi {{ profile.first_name | default: "there" }}, your order is on its way.')}


LAYOUTS = (
    Layout("letter", "email", "writing", _("Letter"), _("Plain words from one person to another.")),
    Layout("announcement", "email", "speakerphone", _("Announcement"), _("A headline, two sentences, one button.")),
    Layout("products", "email", "shopping-cart", _("Basket"), _("Lists the products of the event that started it.")),
    Layout("short", "sms", "message", _("Short message"), _("One text with the first name.")),
)


def of_channel(channel: str) -> list[Layout]:
    """The starts of one channel."""
    return [layout for layout in LAYOUTS if layout.channel == channel]


def find(channel: str, key: str) -> Layout | None:
    """One of them."""
    return next((layout for layout in of_channel(channel) if layout.key == key), None)
