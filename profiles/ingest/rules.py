"""The rules of identity, in one place: what each kind of identity proves, how many one person may have, who gives way.

Settings replace the numbers and the values that name nobody; see docs/identity.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of identity. Within a kind a value names one person at a time."""

    known: bool  # who has one is known for certain: two people who both have one are never joined but by an alias
    most: int  # how many one person may have; more are not kept, and no join makes them more
    order: int  # which is asked first, when a call brings several
    weight: int  # who has the weightier kind of identity survives a join
    follows: bool = False  # goes over to whoever used it last, instead of staying with whom it was first
    shareable: bool = False  # a thing that several people may use: after some of them it joins nobody any more


RULES: Final[Mapping[str, Rule]] = {
    "user_id": Rule(known=True, most=20, order=0, weight=3),
    "email": Rule(known=False, most=10, order=2, weight=2),
    "phone": Rule(known=False, most=10, order=3, weight=2),
    "chat_id": Rule(known=False, most=10, order=4, weight=2),
    "anonymous_id": Rule(known=False, most=200, order=5, weight=0, shareable=True),
    "device_token": Rule(known=False, most=50, order=6, weight=0, follows=True),
}
CUSTOM: Final = Rule(known=False, most=10, order=1, weight=2)

MERGES_A_DAY: Final = 50
SHARED_AFTER: Final = 3
# A star stands for anything. Zeros and dashes alone are blocked as well, and phone numbers of one digit.
BLOCKED: Final = (
    "null", "nil", "none", "undefined", "unknown", "nan", "void", "n/a", "-1", "anonymous", "guest", "[object object]",
    "test@test.com", "test@example.com", "example@example.com", "a@a.com", "none@none.com", "noemail@*", "no-email@*",
    "null@*", "noreply@*", "no-reply@*",
)  # fmt: skip
_HOLLOW: Final = re.compile(r"[0\-]*")
_HOLLOW_PHONE: Final = re.compile(r"\+?(\d)\1*")

REFUSALS: Final[Mapping[str, Promise]] = {
    "blocked": _("This value names nobody."),
    "known": _("It belongs to somebody with another user id."),
    "apart": _("The two were taken apart by hand."),
    "shared": _("Several people use this device."),
    "most": _("One person may not have so many of this kind."),
    "merges": _("Too many joins within a day."),
}
WARNINGS: Final[Mapping[str, str]] = {
    "blocked": "not used: this value names nobody",
    "address": "not used, and nothing is sent to it: this value names nobody",
    "known": "not joined: it belongs to somebody with another user id",
    "apart": "not joined: the two were taken apart by hand",
    "shared": "not joined: several people use it",
    "most": "not joined: one person may not have so many of this kind",
    "merges": "not joined: too many joins within a day",
}


@dataclass(frozen=True)
class Limits:
    """What marketers may set: how many of a kind, how many joins within a day, when a device is shared, no names."""

    most: Mapping[str, int] = field(default_factory=dict)
    merges_a_day: int = MERGES_A_DAY
    shared_after: int = SHARED_AFTER
    blocked: tuple[str, ...] = BLOCKED

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Limits":
        """From the settings row; what is missing is as it comes with us."""
        return cls(
            most=given.get("most", {}),
            merges_a_day=given.get("merges_a_day", MERGES_A_DAY),
            shared_after=given.get("shared_after", SHARED_AFTER),
            blocked=tuple(given.get("blocked", BLOCKED)),
        )

    def most_of(self, kind: str) -> int:
        """How many identities of a kind one person may have."""
        return self.most.get(kind, rule(kind).most)

    def names_nobody(self, kind: str, value: str) -> bool:
        """Whether a value is what programs and people give when they do not know, or do not want to say."""
        text = value.strip().lower()
        if text in self._plain or _HOLLOW.fullmatch(text) or (kind == "phone" and _HOLLOW_PHONE.fullmatch(text)):
            return True
        return self._patterns is not None and self._patterns.fullmatch(text) is not None

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset(text.lower() for text in self.blocked if "*" not in text)

    @cached_property
    def _patterns(self) -> "re.Pattern[str] | None":
        wild = [".*".join(map(re.escape, text.lower().split("*"))) for text in self.blocked if "*" in text]
        return re.compile("|".join(wild), re.DOTALL) if wild else None


def rule(kind: str) -> Rule:
    """The rule of a kind; kinds of the sender's own share one."""
    return RULES.get(kind, CUSTOM)
