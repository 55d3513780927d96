"""What people did, loaded for questions about events: numbers of events, or the events themselves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel.shared import sql
from profiles.segments.fragment import Fragment
from profiles.segments.fragment import sql as fill
from profiles.segments.kind import Edge
from profiles.segments.periods import TICK, Stretch
from profiles.segments.values import loads
from profiles.segments.windows import Since, Window

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "segments.sql")
EVER: Final = datetime(1, 1, 2, tzinfo=UTC)
NEVER: Final = datetime(9999, 12, 30, tzinfo=UTC)

Counted = tuple[str, datetime, datetime]  # name, later than, not later than


class Done(NamedTuple):
    """One event, ordered by time."""

    at: datetime
    id: int
    properties: dict[str, Any]


@dataclass(slots=True)
class History:
    """Events of some profiles, as far as they were asked for."""

    counts: dict[Counted, dict[int, int]] = field(default_factory=dict)  # by profile; who has none is not there
    events: dict[str, dict[int, list[Done]]] = field(default_factory=dict)

    def of(self, profile: int, name: str) -> list[Done]:
        """The events of one name, oldest first."""
        return self.events.get(name, {}).get(profile, [])

    def number(self, profile: int, counted: Counted) -> int:
        """How many there are."""
        return self.counts.get(counted, {}).get(profile, 0)


def counted(name: str, stretch: Stretch) -> Counted:
    """The key under which a number of events is found."""
    return name, stretch.after or EVER, stretch.until or NEVER


def load(profiles: Sequence[int], counts: Iterable[Counted], since: dict[str, datetime]) -> History:
    """`counts`: numbers to find; `since`: events to find, by name, later than a moment. At most two statements."""
    history = History()
    wanted = defaultdict(list)
    for one in set(counts):
        wanted[one[0]].append(one)
    if wanted and profiles:
        history.counts = _counts(profiles, wanted)
    if since and profiles:
        events: dict[str, dict[int, list[Done]]] = {name: defaultdict(list) for name in since}
        args = {"profiles": list(profiles), "names": list(since), "since": list(since.values())}
        for ident, name, occurred_at, row, raw in rows("events", args):
            events[name][ident].append(Done(occurred_at, row, loads(raw)))
        history.events = {name: dict(by_profile) for name, by_profile in events.items()}
    return history


def _counts(profiles: Sequence[int], wanted: dict[str, list[Counted]]) -> dict[Counted, dict[int, int]]:
    """All numbers of events of one name come from one look at them, cut at every moment that is asked about."""
    found: dict[Counted, dict[int, int]] = {one: defaultdict(int) for asked in wanted.values() for one in asked}
    edges = {name: sorted({edge + TICK for one in asked for edge in one[1:]}) for name, asked in wanted.items()}
    within = {
        (name, place + 1): [found[one] for one in asked if one[1] < edges[name][place] <= one[2]]
        for name, asked in wanted.items()
        for place in range(len(edges[name]))
    }
    texts = [f"{{{','.join([edge.isoformat() for edge in listed])}}}" for listed in edges.values()]
    args = {"profiles": list(profiles), "names": list(edges), "edges": texts}
    for ident, name, bucket, n in rows("event_counts", args):
        for numbers in within[name, bucket]:
            numbers[ident] += n
    return {one: dict(numbers) for one, numbers in found.items()}


def rows(statement: str, args: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a named statement."""
    with sql.bound() as cursor:
        cursor.execute(SQL[statement], args)
        return list(cursor.fetchall())


def earliest(window: Window | None, now: datetime) -> datetime:
    """From when on events have to be known for a window."""
    return (window.stretch(now).after if window else None) or EVER


def stretch(window: Window | None, profile: int, history: History, now: datetime) -> Stretch | None:
    """The window of one person; None where there is none."""
    if not isinstance(window, Since):
        return window.stretch(now) if window else Stretch()
    found = history.of(profile, window.event)
    return Stretch(found[0 if window.pick == "first" else -1].at) if found else None


def within_sql(window: Window | None, alias: str, now: datetime) -> tuple[Fragment, list[Fragment]]:
    """A window in SQL: what to join to the event, and its tests."""
    nothing = Fragment("")
    if window is None:
        return nothing, []
    if isinstance(window, Since):
        chosen = "min" if window.pick == "first" else "max"
        found, event = Fragment(f"since_{alias}"), Fragment(alias)
        return fill(
            "JOIN (SELECT o.profile_id, {}(o.occurred_at) AS at FROM profiles_event o WHERE o.name = {}"
            " GROUP BY o.profile_id) {} ON {}.profile_id = {}.profile_id",
            *(Fragment(chosen), window.event, found, found, event),
        ), [fill("{}.occurred_at > {}.at", event, found)]
    bounds = window.stretch(now)
    tests = [fill(f"{alias}.occurred_at > {{}}", bounds.after)] if bounds.after else []
    return nothing, tests + ([fill(f"{alias}.occurred_at <= {{}}", bounds.until)] if bounds.until else [])


def aged(name: str, ages: Iterable[Any], since: datetime, now: datetime) -> Iterable[Edge]:
    """Edges: events of this name that reached one of these ages."""
    for age in ages:
        yield Edge(SQL["crossed_events"], {"names": name, "after": since - age, "until": now - age})


def times(found: Sequence[datetime] | int, last: datetime | None = None) -> str:
    """ "3 times, last on 2 March 2026"."""
    n = found if isinstance(found, int) else len(found)
    if n == 0:
        return _("never")
    text = ngettext("%(n)s time", "%(n)s times", n) % {"n": n}
    return _("%(times)s, last on %(day)s") % {"times": text, "day": date_format(last, "DATE_FORMAT")} if last else text
