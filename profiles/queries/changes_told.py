"""What happened to addresses, notes and topics, as the history of changes tells it."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.accounts.audit import Changes, Words


def of_address(done: str, _changes: Changes) -> str | None:
    """Blocked, and released."""
    if done == "created":
        return _("blocked the address “%(name)s”")
    return _("released the address “%(name)s”") if done == "deleted" else None


def of_note(done: str, _changes: Changes) -> str | None:
    """A note has no name."""
    return {"created": _("wrote a note"), "changed": _("changed a note"), "deleted": _("deleted a note")}[done]


ADDRESS: Final = Words(says=of_address)
NOTE: Final = Words(says=of_note)
TOPIC: Final = Words(
    fields={
        "default_subscribed": gettext_lazy("subscribed without an answer"),
        "transactional": gettext_lazy("always sent"),
    }
)
