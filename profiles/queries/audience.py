"""What a condition finds right now: how many, how they can be reached, who, and how many are in another segment too."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from profiles.models import Profile, Segment
from profiles.segments import ast, compiler, sets
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.kinds.reachable import Reachable

MANY: Final = 100_000  # from here on the number of everybody is remembered for a moment
REMEMBERED: Final = 30
PATIENCE: Final = "20s"
EVERYBODY: Final = sql("SELECT count(*) FROM ({}) s", sets.EVERYBODY)
WAYS: Final[tuple[tuple[str, str, str | Promise], ...]] = (
    ("email", "mail", _("E-mail")),
    ("phone", "message", _("SMS")),
    ("device_token", "device-mobile", _("Push")),
    ("chat_id", "message-circle", _("Chat")),
)


class TooSlowError(Exception):
    """Nobody waits that long while editing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many match, of everybody; `ms` is how long counting took."""

    count: int
    everybody: int
    ms: int


@dataclass(frozen=True, slots=True)
class Way:
    """How many can be reached in one way."""

    by: str
    icon: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How the people who match can be reached."""

    count: int
    ways: Sequence[Way]
    unreachable: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many are in here, in the other segment, and in both."""

    here: int
    there: int
    both: int

    @property
    def only_here(self) -> int:
        """Not in the other one."""
        return self.here - self.both

    @property
    def only_there(self) -> int:
        """Not here."""
        return self.there - self.both

    @property
    def either(self) -> int:
        """In one of the two."""
        return self.here + self.there - self.both


def counted(condition: ast.Condition, now: datetime) -> Counted:
    """Count the people who match."""
    started = time.perf_counter()
    (count,) = row(sql("SELECT count(*) FROM ({}) s", compiler.compiled(condition, now)))
    ms = round((time.perf_counter() - started) * 1000)
    return Counted(count, everybody(), max(ms, 1))


def everybody() -> int:
    """How many people there are."""
    known: int | None = cache.get("audience:everybody")
    if known is None:
        (known,) = row(EVERYBODY)
        if known >= MANY:
            cache.set("audience:everybody", known, REMEMBERED)
    return known


def reach(condition: ast.Condition, now: datetime) -> Reach:
    """How many of them have an address of each kind that is not blocked: one statement."""
    tests = [_test(Reachable(by), now) for by, _icon, _label in WAYS]
    each = join(",", [sql("count(*) FILTER (WHERE {})", test) for test in tests])
    statement = sql(
        "SELECT count(*), {}, count(*) FILTER (WHERE NOT ({})) FROM profiles_profile p WHERE p.id IN ({})",
        *(each, join("OR", tests), compiler.compiled(condition, now)),
    )
    count, *numbers, unreachable = row(statement)
    ways = [Way(by, icon, str(label), n) for (by, icon, label), n in zip(WAYS, numbers, strict=True)]
    return Reach(count, ways, unreachable)


def some(condition: ast.Condition, now: datetime, size: int = 5) -> list[Profile]:
    """Some of those who match: the ones seen last."""
    ids = compiler.sample(condition, now, size)
    found = Profile.objects.select_related("seen").in_bulk(ids)
    return [found[ident] for ident in ids if ident in found]


def overlap(condition: ast.Condition, other: Segment, now: datetime) -> Overlap:
    """How many of them are in another segment too."""
    statement = sql(
        "WITH here AS MATERIALIZED ({})"
        " SELECT (SELECT count(*) FROM here),"
        " (SELECT count(*) FROM profiles_membership m WHERE m.segment_id = {}),"
        " (SELECT count(*) FROM here h JOIN profiles_membership m ON m.profile_id = h.id AND m.segment_id = {})",
        *(compiler.compiled(condition, now), other.pk, other.pk),
    )
    return Overlap(*row(statement))


def others(segment: Segment | None) -> list[tuple[int, str]]:
    """Segments to compare with: id and name of those whose members are known."""
    found = Segment.objects.filter(state=Segment.State.LIVE).order_by("name").values_list("id", "name")
    return list(found.exclude(pk=segment.pk) if segment else found)


@contextmanager
def patient() -> Iterator[None]:
    """Give up what takes too long. Whoever changed the condition meanwhile does not wait for the old answer either."""
    try:
        with transaction.atomic():
            row(sql("SELECT set_config('statement_timeout', {}, true)", PATIENCE))
            yield
    except OperationalError as error:
        if "statement timeout" in str(error):
            raise TooSlowError from error
        raise


def row(statement: Fragment) -> tuple[Any, ...]:
    """The one row of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return tuple(cursor.fetchone() or ())


def _test(kind: Reachable, now: datetime) -> Fragment:
    return kind.answer(now).sql
