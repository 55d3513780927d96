"""Forgetting: what is older than the rules say goes, batch by batch.

A batch is one transaction: the rows, what follows from their absence, and the line that says so. Killed anywhere, the
next run goes on with what is left. People whose events are forgotten are looked at again by the segments that ask for
such events; journeys hear nothing, because nothing has happened.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import connection, transaction
from django.utils.functional import Promise

from omnichannel.shared import failpoints, sql
from profiles.models import KeepRule
from profiles.queries.schema_suggestions import all_event_names
from profiles.services import changes

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "retention.sql")
BATCH: Final = 1000
MONTH: Final = timedelta(days=30.4375)
EVENTS: Final = "event"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that can be forgotten. `forget` does one batch in the caller's transaction: (rule, before) → how many
    rows are gone, and whether there may be more."""

    what: str
    label: str | Promise
    hint: str | Promise
    forget: Callable[[KeepRule, datetime], tuple[int, bool]]


_kept: dict[str, Kept] = {}
_needed: list[Callable[[Sequence[int], Sequence[int]], set[int]]] = []


def register(kept: Kept) -> None:
    """Apps above say what else can be forgotten."""
    _kept[kept.what] = kept


def kinds() -> list[Kept]:
    """What can be forgotten besides events."""
    return list(_kept.values())


def needs(events: Callable[[Sequence[int], Sequence[int]], set[int]]) -> None:
    """Somebody may still need an event: given ids and their profiles, the callable answers which."""
    _needed.append(events)


def keep(rules: Mapping[tuple[str, str], int | None]) -> None:
    """Set all rules: {(what, name): months, None for ever}. What is not given has none."""
    with transaction.atomic():
        known = {(rule.what, rule.name): rule for rule in KeepRule.objects.select_for_update()}
        for key, rule in known.items():
            if key not in rules:
                rule.delete()
        for (what, name), months in rules.items():
            rule = known.get((what, name)) or KeepRule(what=what, name=name)
            if rule.pk is None or rule.months != months:
                rule.months = months
                rule.save()


def forget_due(now: datetime, on: Callable[[], bool] = lambda: True) -> int:
    """Batch after batch while `on()` says so; how many rows are gone."""
    done = 0
    rules = list(KeepRule.objects.order_by("what", "name"))
    for rule in rules:
        if rule.what in _kept and rule.months:
            done += _follow(_kept[rule.what], rule, now, on)
    return done + _events([rule for rule in rules if rule.what == EVENTS], now, on)


def _follow(kept: Kept, rule: KeepRule, now: datetime, on: Callable[[], bool]) -> int:
    before, done, more = now - (rule.months or 0) * MONTH, 0, True
    while more and on():
        with transaction.atomic():
            if not KeepRule.objects.select_for_update().filter(pk=rule.pk, months=rule.months).exists():
                return done  # changed a moment ago
            rule.refresh_from_db()
            removed, more = kept.forget(rule, before)
            rule.save(update_fields=["cursor"])
            _note(rule.what, "", before, removed, now)
            failpoints.hit("retention.forgotten")
        failpoints.hit("retention.committed")
        done += removed
    return done


def _events(rules: Sequence[KeepRule], now: datetime, on: Callable[[], bool]) -> int:
    """Name by name: a rule of its own comes before the one for all the others."""
    own = {rule.name: rule for rule in rules if rule.name}
    general = next((rule for rule in rules if not rule.name), None)
    if not any(rule.months for rule in rules):
        return 0
    done = 0
    for name in all_event_names():
        rule = own.get(name, general)
        if rule and rule.months:
            done += _one_name(rule, name, now, on)
    return done


def _one_name(rule: KeepRule, name: str, now: datetime, on: Callable[[], bool]) -> int:
    before, done = now - (rule.months or 0) * MONTH, 0
    since, stay = datetime(1, 1, 2, tzinfo=UTC), list[int]()
    while on():
        with transaction.atomic(), connection.cursor() as cursor:
            if not KeepRule.objects.select_for_update().filter(pk=rule.pk, months=rule.months).exists():
                return done
            cursor.execute(SQL["old_events"], _bound(name=name, before=before, since=since, stay=stay, limit=BATCH))
            found = cursor.fetchall()
            if not found:
                return done
            stayed = _forget(cursor, found, name, now)
            removed = len(found) - len(stayed)
            _note(EVENTS, name, before, removed, now)
            failpoints.hit("retention.forgotten")
        failpoints.hit("retention.committed")
        stay += stayed
        since = found[-1][2]
        done += removed
    return done


def _forget(cursor: Any, found: Sequence[tuple[int, int, datetime]], name: str, now: datetime) -> list[int]:
    """Which of them have to stay."""
    ids, people = [row[0] for row in found], sorted({row[1] for row in found})
    cursor.execute(SQL["hold"], {"profiles": people})
    needed = set[int]().union(*(asked(ids, people) for asked in _needed))
    cursor.execute(SQL["forget_events"], {"ids": [each for each in ids if each not in needed], "profiles": people})
    gone = dict(cursor.fetchall())
    changes.record([changes.NewChange(person, "forgotten", name) for person in sorted(set(gone.values()))], now)
    return [each for each in ids if each not in gone]


def _note(what: str, name: str, before: datetime, removed: int, now: datetime) -> None:
    if removed:
        bound = _bound(day=now.date(), what=what, name=name, before=before, removed=removed, now=now)
        with connection.cursor() as cursor:
            cursor.execute(SQL["note"], bound)


def _bound(**values: Any) -> dict[str, Any]:
    return values
