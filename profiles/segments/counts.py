"""How many times: at least 3, at most once, exactly 2."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from profiles.segments.fragment import Fragment, sql
from profiles.segments.reading import ConditionError, at, one_of, only, whole

MAX_COUNT: Final = 1_000_000
COUNT_LABELS: Final = {
    "at_least": gettext_lazy("at least"),
    "at_most": gettext_lazy("at most"),
    "exactly": gettext_lazy("exactly"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """How many times."""

    op: str
    n: int


ONCE: Final = Count("at_least", 1)


def read_count(raw: Any, path: str) -> Count:
    """{"op", "n"}; left out: at least once."""
    if raw is None:
        return ONCE
    if not isinstance(raw, Mapping):
        raise ConditionError(path, _("Say how many times."))
    only(raw, path, "op", "n")
    op = one_of(raw.get("op"), at(path, "op"), tuple(COUNT_LABELS), _("Choose at least, at most or exactly."))
    return Count(op, whole(raw.get("n"), at(path, "n"), 0, MAX_COUNT))


def count_words(count: Count) -> str:
    """ "at least 3 times"; nothing for "at least once"."""
    if count == ONCE:
        return ""
    number_of = ngettext("%(n)s time", "%(n)s times", count.n) % {"n": number_format(count.n)}
    texts = {"at_least": _("at least %s"), "at_most": _("at most %s"), "exactly": _("exactly %s")}
    return texts[count.op] % number_of


def count_sql(sign: str, n: int) -> Fragment | None:
    return None if (sign, n) == (">=", 1) else sql(f"count(*) {sign} {{}}", n)
