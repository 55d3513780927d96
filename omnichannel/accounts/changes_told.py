"""What happened to the team and its keys, as the history of changes tells it."""

from typing import Final

from django.utils.translation import gettext as _

from omnichannel.accounts.audit import Changes, Words


def of_member(done: str, changes: Changes) -> str | None:
    """Let go, and taken in again."""
    if done != "changed" or set(changes) != {"is_active"}:
        return None
    stays = changes["is_active"][1] == _("yes")
    return _("took %(thing)s “%(name)s” back in") if stays else _("let %(thing)s “%(name)s” go")


def of_key(done: str, changes: Changes) -> str | None:
    """Revoked."""
    return _("revoked %(thing)s “%(name)s”") if done == "changed" and "revoked_at" in changes else None


MEMBER: Final = Words(says=of_member)
KEY: Final = Words(says=of_key)
