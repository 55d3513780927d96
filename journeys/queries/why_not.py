"""Why somebody is not in a journey: each thing that has to hold, whether it does, and what was found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from auditlog.models import LogEntry
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.engine import brakes, graph
from journeys.engine.graph import Graph
from journeys.models import Braked, Enrollment, Journey, Node, Version
from journeys.queries.reasons import when
from profiles.models import Event, Membership, PastMembership, Profile, Segment
from profiles.queries.explanation import Line, explained
from profiles.segments.ast import ConditionError, parse
from profiles.segments.filters import describe_where, label
from profiles.segments.operators import holds, value_in_words
from profiles.segments.values import at_path

LOOKED_AT: Final = 20  # of the latest times they did something


@dataclass(slots=True)
class WhyNot:
    """`short` is one sentence: what stood in the way first; `lines` is everything that was looked at."""

    short: str = ""
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """Somebody and a journey, at a moment."""

    journey: Journey
    live: Version
    graph: Graph
    profile: Profile
    now: datetime

    @property
    def since(self) -> datetime:
        """From when on the version takes people in."""
        return self.live.published_at or self.now

    @cached_property
    def braked(self) -> datetime | None:
        """When journeys that start each other were last stopped from bringing them in, since they last came in."""
        stopped = Braked.objects.filter(journey_id=self.journey.pk, profile_id=self.profile.pk).first()
        mine = Enrollment.objects.filter(journey_id=self.journey.pk, profile_id=self.profile.pk)
        return stopped.at if stopped and not mine.filter(entered_at__gt=stopped.at).exists() else None


def why_not(journey: Journey, profile: Profile, now: datetime) -> WhyNot:
    """What hinders this person from coming in, or has hindered them so far."""
    if journey.live is None:
        short = _("The journey has not been published yet.")
        return WhyNot(short, [Line(0, _("The journey is published"), False, _("it is a draft"))])
    case = Case(journey, journey.live, graph.load(journey.live.pk), profile, now)
    told = WhyNot("", [_state(case)])
    ways = [_entry(case, node) for node in case.graph.nodes.values() if _takes_in(case, node)]
    for way in ways:
        told.lines += way.lines
    rules = list(_rules(case))
    told.lines += rules
    told.short = _short(case, ways, rules)
    return told


def _takes_in(case: Case, node: Node) -> bool:
    return node.is_entry and node.version_id == case.live.pk


def _short(case: Case, ways: Sequence[WhyNot], rules: Sequence[Line]) -> str:
    refused = [line for line in rules if line.holds is False]
    if case.braked:
        words = _("They were sent here on %(time)s, but journeys had sent them on %(n)s times in a row by then.")
        return words % {"time": when(case.braked), "n": brakes.MOST}
    if case.journey.state == Journey.State.PAUSED:
        return _("The journey is paused: nobody comes in.")
    if case.journey.state == Journey.State.ARCHIVED:
        return _("The journey is archived: nobody comes in any more.")
    if all(way.short for way in ways):
        return " ".join(way.short for way in ways) or _("The journey has no way in.")
    if refused:
        return f"{refused[0].words}: {refused[0].found}."
    return _("Nothing stands in the way: they come in when it happens next.")


def _state(case: Case) -> Line:
    live = case.journey.state == Journey.State.LIVE
    found = _("since %(time)s") % {"time": when(case.since)} if live else case.journey.get_state_display().lower()
    return Line(0, _("The journey is live"), live, found)


def _entry(case: Case, node: Node) -> WhyNot:
    """One way in. `short` is empty where it would have let them in."""
    told = WhyNot()
    changes = node.starts_on()
    for kind, key in changes:
        if kind == "event":
            _by_event(case, node, key, told)
        elif kind in ("entered", "exited"):
            _by_segment(case, int(key), told, joins=kind == "entered")
    if not changes:
        _by_clock(case, node, told)
    elif not told.lines:
        told.short = _("Nobody has sent them here: %(how)s.") % {"how": _sentence(node)}
    told.lines.insert(0, Line(0, _sentence(node), not told.short, group=True))
    return told


def _sentence(node: Node) -> str:
    return node.summary().replace("**", "")


def _by_event(case: Case, node: Node, name: str, told: WhyNot) -> None:
    events = list(Event.objects.filter(profile=case.profile, name=name).order_by("-occurred_at")[:LOOKED_AT])
    did = _("did “%(name)s”") % {"name": name}
    if not events:
        told.lines.append(Line(1, did, False, _("never")))
        told.short = _("They have never done “%(name)s”.") % {"name": name}
        return
    heard = [event for event in events if event.received_at >= case.since]
    last = {"name": name, "time": when(events[0].occurred_at), "live": when(case.since)}
    told.lines.append(Line(1, did, True, _("last on %(time)s") % last))
    told.lines.append(Line(1, _("after the journey went live (%(live)s)") % last, bool(heard)))
    if not heard:
        told.short = _("They did “%(name)s” last on %(time)s, before the journey went live on %(live)s.") % last
        return
    fitting = next((event for event in heard if node.admits(event.properties, case.now)), None)
    event = fitting or heard[0]
    filters = list(_filters(node, event, case.now))
    told.lines += filters
    last = {"name": name, "time": when(event.occurred_at)}
    if fitting is None:
        missed = "; ".join(f"{line.words} ({line.found})" for line in filters if not line.holds)
        told.short = _("They did “%(name)s” on %(time)s, but this does not hold: %(missed)s.") % {
            **last,
            "missed": missed,
        }
    elif stood := _standstill(case, event.received_at):
        told.lines.append(Line(1, _("the journey was live then"), False, stood))
        told.short = _("They did “%(name)s” on %(time)s, while the journey was paused.") % last
    elif other := _same_key(case, fitting):
        last |= {"key": label(case.graph.rules.key), "value": other.entry_key, "came": when(other.entered_at)}
        told.lines.append(Line(1, _("the first with %(key)s %(value)s") % last, False, last["came"]))
        told.short = _("They came in for %(key)s %(value)s on %(came)s already.") % last


def _filters(node: Node, event: Event, now: datetime) -> Iterator[Line]:
    for one in node.asks():
        found = value_in_words(at_path(event.properties, one.field)) or _("not set")
        yield Line(2, describe_where([one]), holds(one.op, event.properties, one.field, one.value, now), found)


def _same_key(case: Case, event: Event) -> Enrollment | None:
    """Another run of theirs that stood in the way of this event, where runs are told apart by a property."""
    rules = case.graph.rules
    if not rules.key or rules.reentry == Version.Reentry.ALWAYS:
        return None
    key = rules.entry_key(event.properties, "")
    mine = Enrollment.objects.filter(journey_id=case.journey.pk, profile_id=case.profile.pk, entry_key=key)
    same = mine if rules.ever else mine.filter(state=Enrollment.State.ACTIVE)
    return same.exclude(trigger_event_id=event.pk).order_by("entered_at").first()


def _standstill(case: Case, at: datetime) -> str:
    """When the journey was paused, where it was so at that moment; by the history of changes."""
    log = LogEntry.objects.get_for_object(case.journey).filter(changes__has_key="state", timestamp__lte=at)
    last = log.order_by("-timestamp", "-pk").first()
    if last is None or (last.changes or {})["state"][1] != Journey.State.PAUSED:
        return ""
    return _("paused since %(time)s") % {"time": when(last.timestamp)}


def _by_segment(case: Case, pk: int, told: WhyNot, *, joins: bool) -> None:
    segment = Segment.objects.filter(pk=pk).first()
    name = segment.name if segment else _("a segment that no longer exists")
    inside = Membership.objects.filter(segment_id=pk, profile_id=case.profile.pk).first()
    past = PastMembership.objects.filter(segment_id=pk, profile_id=case.profile.pk).order_by("-until").first()
    left = past.until if past else None
    words = {"name": name, "live": when(case.since)}
    if inside is not None:
        words["since"] = when(inside.since)
    if joins:
        _joins(case, segment, inside, told, words)
    elif inside is not None:
        told.lines.append(Line(1, _("left “%(name)s”") % words, False, _("in it since %(since)s") % words))
        told.short = _("They are still in “%(name)s”.") % words
    elif left is None or left < case.since:
        found = when(left) if left else _("was never in it")
        told.lines.append(Line(1, _("left “%(name)s” after the journey went live (%(live)s)") % words, False, found))
        told.short = _("They have not left “%(name)s” since the journey went live.") % words
    else:
        told.lines.append(Line(1, _("left “%(name)s”") % words, True, when(left)))


def _joins(case: Case, segment: Segment | None, inside: Membership | None, told: WhyNot, words: dict[str, str]) -> None:
    if inside is None:
        told.lines.append(Line(1, _("is in “%(name)s”") % words, False))
        lines = list(_condition(segment, case))
        told.lines += lines
        missed = next((line for line in lines if line.holds is False and not line.group), None)
        told.short = _("They are not in “%(name)s”.") % words
        if missed:
            detail = {**words, "what": missed.words, "found": missed.found}
            told.short = _("They are not in “%(name)s”: %(what)s – found: %(found)s.") % detail
    elif inside.since < case.since:
        told.lines.append(
            Line(
                1,
                _("joined “%(name)s” after the journey went live (%(live)s)") % words,
                False,
                _("in it since %(since)s") % words,
            )
        )
        told.short = _("They were in “%(name)s” already when the journey went live.") % words
    else:
        told.lines.append(Line(1, _("joined “%(name)s”") % words, True, words["since"]))


def _condition(segment: Segment | None, case: Case) -> Iterator[Line]:
    """The segment's own questions, one level further in."""
    if segment is None:
        return
    try:
        asked = parse(segment.condition)
    except ConditionError:
        return
    for line in explained(asked, case.profile.pk, case.now):
        yield Line(line.depth + 2, line.words, line.holds, line.found, line.group)


def _by_clock(case: Case, node: Node, told: WhyNot) -> None:
    """An entry that follows the clock: whom it calls on a day."""
    crowd = node.crowd(case.now.date())
    if crowd is None:
        told.short = _("Nothing brings anybody in here yet.")
        return
    if crowd.segment_id:
        segment = Segment.objects.filter(pk=crowd.segment_id).first()
        name = segment.name if segment else _("a segment that no longer exists")
        member = Membership.objects.filter(segment_id=crowd.segment_id, profile_id=case.profile.pk).exists()
        told.lines.append(Line(1, _("is in “%(name)s”") % {"name": name}, member))
        if not member:
            told.lines += _condition(segment, case)
            told.short = _("They are not in “%(name)s”.") % {"name": name}
    if crowd.path:
        value = value_in_words(at_path(case.profile.attributes, crowd.path))
        words = {"date": crowd.path.replace("_", " ")}
        told.lines.append(Line(1, _("%(date)s is known") % words, bool(value), value or _("not set")))
        if not value:
            told.short = told.short or _("Their %(date)s is not known.") % words


def _rules(case: Case) -> Iterator[Line]:
    """Who came once, how often somebody may, how many may in all."""
    rules = case.graph.rules
    mine = Enrollment.objects.filter(journey_id=case.journey.pk, profile_id=case.profile.pk)
    inside = mine.filter(state=Enrollment.State.ACTIVE).first()
    first = mine.order_by("entered_at").first()
    if rules.reentry == Version.Reentry.ONCE and not rules.key:
        found = _("came in on %(time)s") % {"time": when(first.entered_at)} if first else ""
        yield Line(0, _("Everybody comes in once in a lifetime"), first is None, found)
    elif rules.reentry == Version.Reentry.AFTER_END and not rules.key:
        found = _("inside since %(time)s") % {"time": when(inside.entered_at)} if inside else ""
        yield Line(0, _("Nobody comes in again while they are inside"), inside is None, found)
    if case.braked:
        words = _("Journeys that start each other do so at most %(n)s times in a row") % {"n": brakes.MOST}
        yield Line(0, words, False, _("stopped on %(time)s") % {"time": when(case.braked)})
    if rules.person is not None:
        since = rules.since(case.now)
        times = (mine.filter(entered_at__gte=since) if since else mine).count()
        words = ngettext(
            "One person comes in %(n)s time at most", "One person comes in %(n)s times at most", rules.person
        )
        yield Line(0, words % {"n": rules.person}, times < rules.person, _("%(n)s so far") % {"n": times})
    if rules.total is not None:
        came = Enrollment.objects.filter(journey_id=case.journey.pk).count()
        words = _("%(n)s entries are taken in all") % {"n": rules.total}
        yield Line(0, words, came < rules.total, _("%(n)s so far") % {"n": came})
