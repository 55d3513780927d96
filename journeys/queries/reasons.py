"""What decided a step, in words: read from what was kept with it, never worked out again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from journeys.contracts.step import Matches
from journeys.engine.kept import CLOCK
from journeys.models import Message, Node
from omnichannel.accounts.models import Workspace
from profiles.segments.ast import ConditionError, leaves, parse, questions
from profiles.segments.describe import Names, label, words
from profiles.segments.kind import Kind
from profiles.segments.operators import value_in_words
from profiles.segments.values import loads


@dataclass(frozen=True, slots=True)
class Words:
    """What sentences name: steps by their keys, and rows that conditions speak of."""

    steps: Mapping[str, str]
    rows: Names


def vocabulary(nodes: Iterable[Node], steps: Mapping[str, str]) -> Words:
    """For the steps of these nodes: one statement per kind of question that names rows."""
    asked = questions([one for node in nodes for one in _conditions(node) if one is not None])
    return Words(steps, {kind: kind.names(listed) for kind, listed in asked.items()})


def why(kept: Mapping[str, Any], node: Node | None, words: Words) -> str:
    """Sentences, one for each fact."""
    return "; ".join(sentence for name, value in kept.items() for sentence in _sentences(name, value, node, words))


def when(at: datetime) -> str:
    """A moment on the workspace's clock."""
    return date_format(at.astimezone(Workspace.get().zone), "j M Y, H:i")


def _sentences(name: str, value: Any, node: Node | None, words: Words) -> Iterator[str]:
    match name:
        case "happened":
            yield from (_happened(event, at) for event, at in value.items())
        case "engaged":
            yield from (_engaged(words.steps.get(key, _("the message")), fact) for key, fact in value.items())
        case "answered":
            yield from (_answered(words.steps.get(key, _("the step before")), fact) for key, fact in value.items())
        case "asked":
            for number, (holds, told) in enumerate(value):
                yield _asked(holds, told, number, node, words)
        case "attributes" | "event":
            for field, found in value.items():
                if field == CLOCK:
                    yield _("their time zone is not known, so the clock of %(zone)s counted") % {"zone": found}
                    continue
                yield _("%(field)s was %(value)s") % {"field": label(field), "value": value_in_words(found)}


def _happened(event: str, at: str | None) -> str:
    if at is None:
        return _("“%(name)s” had not happened") % {"name": event}
    moment = parse_datetime(at)
    return _("“%(name)s” happened on %(time)s") % {"name": event, "time": when(moment) if moment else at}


def _answered(name: str, fact: Mapping[str, Any] | None) -> str:
    if fact is None:
        return _("“%(name)s” had no answer") % {"name": name}
    if not fact["ok"]:
        return _("“%(name)s” was given up") % {"name": name}
    if fact["said"].keys() >= {"by", "result"}:
        told = _("%(by)s said “%(result)s”") % fact["said"]
        return f"{told}: {fact['said']['note']}" if fact["said"].get("note") else told
    said = ", ".join(f"{label(field)} {value_in_words(found)}" for field, found in fact["said"].items())
    return _("“%(name)s” was answered with %(said)s") % {"name": name, "said": said or _("nothing")}


def _engaged(name: str, fact: Mapping[str, Any] | None) -> str:
    fact = fact or {}
    machine = {what for what in ("opened", "clicked") if fact.get(f"human_{what}_at", True) is None}
    for what, told in (("clicked", _("a link in “%(name)s” was clicked")), ("opened", _("“%(name)s” was opened"))):
        if fact.get(f"{what}_at"):
            return told % {"name": name} + (_(" by a machine") if what in machine else "")
    if fact.get("state") == Message.State.SENT:
        return _("“%(name)s” was sent and not opened") % {"name": name}
    return _("“%(name)s” was not sent") % {"name": name}


def _asked(holds: bool, told: list[list[Any]], number: int, node: Node | None, words: Words) -> str:
    """The questions of a condition with what was found; the condition itself never changes once it is published."""
    answer = _("matched") if holds else _("did not match")
    conditions = _conditions(node) if node else []
    asked = conditions[number] if number < len(conditions) else None
    shown = [leaf for leaf in leaves(asked) if isinstance(leaf, Kind)] if asked is not None else []
    if not told or len(shown) != len(told):
        return answer
    parts = []
    for leaf, (_holds, found) in zip(shown, told, strict=True):
        question = words_of(leaf, words)
        parts.append(_("%(question)s: %(found)s") % {"question": question, "found": found} if found else question)
    return f"{answer} ({'; '.join(parts)})"


def words_of(leaf: Kind, known: Words) -> str:
    """A question as it is asked of people."""
    return words(leaf, known.rows)


def _conditions(node: Node) -> list[Any]:
    """The conditions a step asks, in the order in which their answers are kept."""
    found: list[Any] = []
    for need in node.needs():
        if isinstance(need, Matches):
            try:
                found.append(parse(loads(need.condition)))
            except ConditionError:
                found.append(None)
    return found
