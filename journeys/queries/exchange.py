"""A journey as YAML for people: everything by name, with the messages, segments and topics it uses, so that it can be
read, kept under version control and brought into another workspace.
"""

from collections.abc import Mapping
from typing import Any, Final

from journeys.models import Journey, Template, Version
from journeys.queries import references
from journeys.queries.document import document
from journeys.queries.document import settings as settings_of
from journeys.queries.references import Reference
from journeys.registry import node_kinds
from omnichannel.shared import yaml_text
from omnichannel.shared.yaml_text import Flow
from profiles.models import PeopleList, Segment, Topic

FORMAT: Final = "journey 1"


def text(journey: Journey) -> str:
    """The draft where there is one, else what is live."""
    return yaml_text.dump(portable(journey))


def portable(journey: Journey) -> dict[str, Any]:
    """The same as a JSON value. What a step or a condition names and is gone, is left out of it."""
    told = document(journey)
    segments, known = _everything(told)

    def name(kind: str, ident: Any) -> Any:
        return known.get((kind, ident))

    lines: dict[str, dict[str, str]] = {}
    for edge in told["edges"]:
        lines.setdefault(edge["from"], {})[edge["port"]] = edge["to"]
    whole = {
        "format": FORMAT,
        "name": told["name"],
        "description": told["description"],
        "settings": references.replaced(_unusual(told["settings"]), name),
        "steps": {node["key"]: _step(node, lines.get(node["key"], {}), name) for node in told["nodes"]},
        "uses": _uses(known, segments, told["settings"].get("topic")),
    }
    return {key: value for key, value in whole.items() if value not in ("", {})}


def _unusual(settings: dict[str, Any]) -> dict[str, Any]:
    usual = settings_of(Version())
    return {name: value for name, value in settings.items() if value != usual[name]}


def _step(node: Mapping[str, Any], ways: Mapping[str, str], name: Any) -> dict[str, Any]:
    kind = node_kinds()[node["kind"]]
    step: dict[str, Any] = {"kind": node["kind"]}
    if node["name"]:
        step["name"] = node["name"]
    step["at"] = Flow([node["x"], node["y"]])
    if node["config"]:
        step["with"] = references.configured(kind.kind, kind.portable(node["config"]), name)
    if list(ways) == ["next"]:
        step["to"] = ways["next"]
    elif ways:
        step["to"] = {port: ways[port] for port in sorted(ways)}
    return step


def _everything(told: Mapping[str, Any]) -> tuple[list[Segment], dict[Reference, str]]:
    """What the journey names, and what its segments name; segments after those that they ask about."""
    wanted = set(references.named_in([told["settings"]]))
    for node in told["nodes"]:
        references.configured(node["kind"], node["config"], lambda kind, ident: wanted.add((kind, ident)))
    segments: dict[int, Segment] = {}
    while missing := {ident for kind, ident in wanted if kind == "segment"} - set(segments):
        found = Segment.objects.in_bulk(missing)
        segments = dict.fromkeys(missing) | segments | found  # type: ignore[assignment]
        wanted |= set(references.named_in(one.condition for one in found.values()))
    ordered: list[Segment] = []
    waiting = [one for one in segments.values() if one is not None]
    while waiting:
        known = {one.pk for one in ordered}
        ready = [one for one in waiting if _asked(one) <= known | ({*segments} - {each.pk for each in waiting})]
        ordered += sorted(ready or waiting, key=lambda one: one.name)
        waiting = [one for one in waiting if one not in ordered]
    return ordered, references.names(wanted)


def _asked(segment: Segment) -> set[int]:
    return {ident for kind, ident in references.named_in([segment.condition]) if kind == "segment"}


def _uses(known: Mapping[Reference, str], segments: list[Segment], topic: str | None) -> dict[str, Any]:
    def ids(kind: str) -> list[int]:
        return [ident for one, ident in known if one == kind]

    def name(kind: str, ident: Any) -> Any:
        return known.get((kind, ident))

    slugs = {known["topic", ident] for ident in ids("topic")} | ({topic} if topic else set())
    parts = {
        "topics": {one.slug: _topic(one) for one in Topic.objects.filter(slug__in=slugs).order_by("slug")},
        "lists": {
            one.name: {"description": one.description}
            for one in PeopleList.objects.filter(pk__in=ids("list")).order_by("name")
        },
        "segments": {
            one.name: {"description": one.description, "condition": references.replaced(one.condition, name)}
            for one in segments
        },
        "templates": {
            one.name: {"channel": one.channel, "content": one.content}
            for one in Template.objects.filter(pk__in=ids("template")).order_by("name")
        },
    }
    return {part: value for part, value in parts.items() if value}


def _topic(topic: Topic) -> dict[str, Any]:
    plain = {"name": topic.name, "description": topic.description}
    return plain | {"default_subscribed": topic.default_subscribed, "transactional": topic.transactional}
