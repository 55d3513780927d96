"""Why a message was not sent, in words."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SKIPPED: Final[dict[str, Promise]] = {
    "left": _("Had left the journey before it was due"),
    "overtaken": _("They had opened or clicked after all"),
    "told_before": _("Had it already, as somebody with whom they were joined since"),
    "gone": _("The person was deleted"),
    "no_template": _("The template was deleted"),
    "unsubscribed": _("Has unsubscribed from this topic"),
    "suppressed": _("The address is blocked: it bounced or complained before"),
    "no_address": _("Has no address on this channel"),
    "bad_address": _("The address cannot be right"),
}


def in_words(reason: str) -> str:
    """A reason as people say it; a provider's own words stay as they are."""
    return str(SKIPPED.get(reason, reason))
