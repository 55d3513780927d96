"""Lengths of time as marketers state them: an amount and a unit."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

LONGEST: Final = timedelta(days=3650)


class Unit(models.TextChoices):
    """A day is 24 hours and a week seven of them, whatever the clocks on the wall do meanwhile."""

    MINUTES = "minutes", _("minutes")
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")


def length(amount: int, unit: str) -> timedelta:
    """The length as a timedelta."""
    return timedelta(**{unit: amount})


def too_long(amount: int, unit: str) -> bool:
    """Longer than anybody means, and than dates can be reckoned with."""
    try:
        return length(amount, unit) > LONGEST
    except OverflowError:
        return True


def in_words(amount: int, unit: str) -> str:
    """The length in words: "1 day", "3 hours"."""
    match unit:
        case Unit.MINUTES:
            return ngettext("%(n)s minute", "%(n)s minutes", amount) % {"n": amount}
        case Unit.HOURS:
            return ngettext("%(n)s hour", "%(n)s hours", amount) % {"n": amount}
        case Unit.DAYS:
            return ngettext("%(n)s day", "%(n)s days", amount) % {"n": amount}
        case _weeks:
            return ngettext("%(n)s week", "%(n)s weeks", amount) % {"n": amount}
