"""What happened to a journey, or to an account of a channel, as the history of changes tells it."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.models import Journey, Version
from omnichannel.accounts.audit import Changes, Words


def numbers(versions: set[str]) -> dict[str, str]:
    """Of versions, by their ids as text."""
    found = Version.objects.filter(pk__in=versions).values_list("pk", "number")
    return {str(pk): str(number) for pk, number in found}


def of_journey(done: str, changes: Changes) -> str | None:
    """Published, gone back, paused, resumed, archived."""
    if done != "changed":
        return None
    before, after = changes.get("live", ("", ""))
    if after:
        back = bool(before) and int(after) < int(before)
        return str(WENT_BACK if back else PUBLISHED) % {"n": after}
    sentence = STATES.get(changes.get("state", ("", ""))[1])
    return str(sentence) if sentence else None


def of_account(done: str, changes: Changes) -> str | None:
    """Which one carries the messages of its channel."""
    if done != "changed" or set(changes) != {"is_default"}:
        return None
    used = changes["is_default"][1] == _("yes")
    return _("put %(thing)s “%(name)s” into use") if used else _("took %(thing)s “%(name)s” out of use")


WENT_BACK: Final = gettext_lazy("went back to version %(n)s of journey “%%(name)s”")
PUBLISHED: Final = gettext_lazy("published version %(n)s of journey “%%(name)s”")
STATES: Final = {
    str(Journey.State.PAUSED.label): gettext_lazy("paused journey “%(name)s”"),
    str(Journey.State.LIVE.label): gettext_lazy("resumed journey “%(name)s”"),
    str(Journey.State.ARCHIVED.label): gettext_lazy("archived journey “%(name)s”"),
}
JOURNEY: Final = Words(named={"live": numbers}, says=of_journey)
ACCOUNT: Final = Words(
    called=gettext_lazy("channel account"),
    fields={
        "is_default": gettext_lazy("in use"),
        "enabled": gettext_lazy("switched on"),
        "per_second": gettext_lazy("messages a second"),
    },
    says=of_account,
)
