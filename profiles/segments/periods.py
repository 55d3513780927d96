"""Lengths of time, and the stretch of time a question about events looks at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

UNITS: Final = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1),
                "weeks": timedelta(weeks=1)}  # fmt: skip
UNIT_LABELS: Final = {"minutes": _("minutes"), "hours": _("hours"), "days": _("days"), "weeks": _("weeks")}
TICK: Final = timedelta(microseconds=1)  # the smallest step of PostgreSQL's clock


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time."""

    amount: int
    unit: str

    @property
    def length(self) -> timedelta:
        """As a duration."""
        return self.amount * UNITS[self.unit]

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        return {"amount": self.amount, "unit": self.unit}

    def words(self) -> str:
        """ "3 days"."""
        texts = {
            "minutes": ngettext("%(n)s minute", "%(n)s minutes", self.amount),
            "hours": ngettext("%(n)s hour", "%(n)s hours", self.amount),
            "days": ngettext("%(n)s day", "%(n)s days", self.amount),
            "weeks": ngettext("%(n)s week", "%(n)s weeks", self.amount),
        }
        return texts[self.unit] % {"n": number_format(self.amount)}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Moments later than `after` and not later than `until`; None: open."""

    after: datetime | None = None
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies within."""
        return (self.after is None or at > self.after) and (self.until is None or at <= self.until)
