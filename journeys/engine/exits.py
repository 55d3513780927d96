"""Rules by which people leave a whole journey early, wherever they stand: what they do, segments, their consent.

A rule is JSON: {"on": "event", "event", "where"?}, {"on": "joins" or "leaves", "segment"} or {"on": "unsubscribes",
"from"?}: from the topic of the journey's messages, or from "any" topic, or from "everything" (every topic, on the
channel on which they said so); the latter two also by an address of theirs that becomes blocked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from journeys.delivery.facts import DEFAULT_TOPIC
from journeys.models import Version
from profiles.models import Segment
from profiles.segments.ast import ConditionError, dump_where, parse_where
from profiles.segments.filters import PropertyFilter, where_holds
from profiles.segments.reading import at, ident, only, text

MOST: Final = 40
CHANGES: Final = {"joins": "entered", "leaves": "exited"}
EVERY: Final = "*"  # a change of this kind, whatever its key
TOPIC, ANY, EVERYTHING = FROM = ("topic", "any", "everything")


@dataclass(frozen=True, slots=True)
class ExitRule:
    """Whoever is inside leaves with this (kind, key) of a change. `where` None: not understood, so nobody does.
    `silent`: only who has said no to every topic by then.
    """

    change: tuple[str, str]
    reason: str
    where: tuple[PropertyFilter, ...] | None = ()
    silent: bool = False

    def holds(self, data: Mapping[str, Any], now: datetime) -> bool:
        """Does a change with these details take its person out?"""
        if self.change[0] == "consent":
            return data.get("subscribed") is False
        if self.change[0] == "suppression":
            return data.get("blocked") is True
        return self.where is not None and where_holds(self.where, data, now)


def read(raw: Any) -> list[dict[str, Any]]:
    """The rules as they are kept. ConditionError says where and what is needed."""
    if not isinstance(raw, list) or len(raw) > MOST:
        raise ConditionError("exit_rules", _("Give a list of at most %(n)s rules.") % {"n": MOST})
    return [_read(one, f"[{n}]") for n, one in enumerate(raw)]


def _read(raw: Any, path: str) -> dict[str, Any]:
    on = raw.get("on") if isinstance(raw, Mapping) else None
    match on:
        case "event":
            only(raw, path, "on", "event", "where")
            event = text(raw.get("event"), at(path, "event"), _("Choose the event."))
            return {"on": on, "event": event, "where": dump_where(parse_where(raw.get("where") or []))}
        case "joins" | "leaves":
            only(raw, path, "on", "segment")
            return {"on": on, "segment": ident(raw.get("segment"), at(path, "segment"), _("Choose the segment."))}
        case "unsubscribes":
            only(raw, path, "on", "from")
            given = raw.get("from", TOPIC)
            if given not in FROM:
                raise ConditionError(at(path, "from"), ", ".join(FROM))
            return {"on": on} if given == TOPIC else {"on": on, "from": given}
    raise ConditionError(at(path, "on"), _("There is no such rule."))


def segments_of(rules: Iterable[Mapping[str, Any]]) -> set[int]:
    """The segments that rules name."""
    return {one["segment"] for one in rules if "segment" in one}


def compiled(version: Version) -> dict[tuple[str, str], tuple[ExitRule, ...]]:
    """The rules of a version by the change that they listen to."""
    names = dict(Segment.objects.filter(pk__in=segments_of(version.exit_rules)).values_list("pk", "name"))
    found: dict[tuple[str, str], tuple[ExitRule, ...]] = {}
    for one in version.exit_rules:
        for rule in _unsubscribes(one, version) if one["on"] == "unsubscribes" else [_compiled(one, names)]:
            found[rule.change] = (*found.get(rule.change, ()), rule)
    return found


def _unsubscribes(one: Mapping[str, Any], version: Version) -> list[ExitRule]:
    given = one.get("from", TOPIC)
    if given == TOPIC:
        topic = version.topic.slug if version.topic else DEFAULT_TOPIC
        return [ExitRule(("consent", topic), _("Unsubscribed"))]
    said = _("Unsubscribed from everything") if given == EVERYTHING else _("Unsubscribed")
    return [
        ExitRule(("consent", EVERY), said, silent=given == EVERYTHING),
        ExitRule(("suppression", EVERY), _("Their address was blocked")),
    ]


def _compiled(one: Mapping[str, Any], names: Mapping[int, str]) -> ExitRule:
    if one["on"] == "event":
        try:
            where = parse_where(one["where"])
        except ConditionError:
            where = None
        return ExitRule(("event", one["event"]), _("Did “%(event)s”") % {"event": one["event"]}, where)
    segment, name = one["segment"], {"segment": names.get(one["segment"], "?")}
    joined = one["on"] == "joins"
    reason = (_("Joined the segment “%(segment)s”") if joined else _("Left the segment “%(segment)s”")) % name
    return ExitRule((CHANGES[one["on"]], str(segment)), reason)
