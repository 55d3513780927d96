"""Make a whole journey from one JSON document: for the API, the demo shop and tests."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from journeys.engine import exits
from journeys.models import Journey, Node, Version
from journeys.services import arrange, drafts
from journeys.services.drawing import Drawing
from journeys.services.operations import OperationError, ordered, parse
from omnichannel.accounts.models import User
from profiles.ingest.attributes import is_zone
from profiles.models import Topic
from profiles.segments.ast import ConditionError

LIMITS = ("entry_limit", "entry_limit_hours", "entry_total")


class SpecError(ValueError):
    """The document cannot become a journey: `path` says where, the text why. Nothing has been made."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path, self.text = path, text


@transaction.atomic
def create_journey(spec: dict[str, Any], by: User | None, now: datetime) -> Journey:
    """A draft journey from {name, description?, nodes: [{key, kind, name?, x?, y?, config?}],
    edges: [{from, port?, to}], settings?: {goal_event, goal_where, goal_window_hours, goal_exits, reentry, topic}}.
    """
    name = spec.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > 120:
        raise SpecError("name", _("A journey needs a name of at most 120 characters."))
    journey = drafts.create(name.strip(), by=by, description=str(spec.get("description", "")))
    draw(drafts.current(journey), spec)
    return journey


@transaction.atomic
def draw(version: Version, spec: dict[str, Any]) -> None:
    """Put nodes, edges and settings of the document into an empty draft."""
    nodes = _parsed(_list(spec, "nodes"), "nodes", "add_node")
    edges = _parsed([_edge(edge) for edge in _list(spec, "edges")], "edges", "connect")
    drawing = Drawing(version)
    for path, operations in (("nodes", nodes), ("edges", edges)):
        for index, operation in ordered(operations):
            try:
                drawing.perform(operation)
            except ValueError as error:
                raise SpecError(f"{path}[{index}]", str(error)) from error
    if not any("x" in node or "y" in node for node in spec["nodes"]):
        _place(drawing)
    _settings(version, spec.get("settings") or {})
    version.revision += 1
    version.save()


def _list(spec: dict[str, Any], name: str) -> list[Any]:
    value = spec.get(name, [])
    if not isinstance(value, list):
        raise SpecError(name, _("A list is needed here."))
    spec[name] = value
    return value


def _edge(edge: Any) -> Any:
    if not isinstance(edge, dict):
        return edge
    renamed = {{"from": "source", "to": "target"}.get(name, name): value for name, value in edge.items()}
    return {"port": "next", **renamed}


def _parsed(items: list[Any], path: str, op: str) -> list[Any]:
    try:
        return parse([{**item, "op": op} if isinstance(item, dict) else item for item in items])
    except OperationError as error:
        raise SpecError(f"{path}[{error.index}]", str(error)) from error


def _place(drawing: Drawing) -> None:
    ways = {key: len(node.get_ports()) for key, node in drawing.nodes.items()}
    keys = {node.pk: key for key, node in drawing.nodes.items()}
    lines = [(source, keys[edge.target_id]) for (source, _port), edge in drawing.edges.items()]
    for key, spot in arrange.places(ways, lines).items():
        drawing.nodes[key].x, drawing.nodes[key].y = spot
    Node.objects.bulk_update(drawing.nodes.values(), ("x", "y"))


def _settings(version: Version, settings: dict[str, Any]) -> None:
    known = {"goal_event", "goal_where", "goal_window_hours", "goal_exits", "exit_rules", "reentry", "topic"}
    known |= {"entry_key", "timezone", *LIMITS}
    for name, value in settings.items():
        if name not in known:
            raise SpecError(f"settings.{name}", _("There is no such setting."))
        if name == "topic" and value is not None:
            value = Topic.objects.filter(slug=value).first()
            if value is None:
                raise SpecError("settings.topic", _("There is no topic with this slug."))
        if name == "reentry" and value not in Version.Reentry.values:
            raise SpecError("settings.reentry", ", ".join(Version.Reentry.values))
        if name in LIMITS and value is not None and (type(value) is not int or not 0 < value < 2**31):
            raise SpecError(f"settings.{name}", _("A whole number from 1 on, or null."))
        if name == "exit_rules":
            value = _exit_rules(value)
        if name == "entry_key" and (not isinstance(value, str) or len(value) > 200):
            raise SpecError(f"settings.{name}", _("The name of a property, at most 200 characters."))
        if name == "timezone" and value != "" and not is_zone(value):
            raise SpecError("settings.timezone", _("A name of the time zone database, like Europe/Berlin, or empty."))
        setattr(version, name, value)


def _exit_rules(value: Any) -> list[dict[str, Any]]:
    try:
        return exits.read(value)
    except ConditionError as error:
        raise SpecError(f"settings.exit_rules{error.path.removeprefix('exit_rules')}", error.message) from error
