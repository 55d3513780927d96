"""The linter of drawings: what a marketer has to mend before publishing, and what they should know."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from journeys.contracts.problem import Problem
from journeys.contracts.step import Engagement
from journeys.models import Edge, Node, Version
from profiles.segments.ast import ConditionError, parse_where

Lines = dict[str, dict[str, str]]  # source key → port → target key


def check(version: Version) -> list[Problem]:
    """Problems of a whole version, errors first, then from top to bottom."""
    nodes = list(Node.objects.filter(version=version))
    return check_drawing(version, nodes, Edge.objects.filter(version=version))


def check_drawing(version: Version, nodes: list[Node], edges: Iterable[Edge]) -> list[Problem]:
    """The same for nodes and edges that are loaded already."""
    keys = {node.pk: node.key for node in nodes}
    lines: Lines = {node.key: {} for node in nodes}
    for edge in edges:
        lines[keys[edge.source_id]][edge.port] = keys[edge.target_id]
    by_key = {node.key: node for node in sorted(nodes, key=lambda node: (node.y, node.x))}
    problems = [
        *_entries(by_key),
        *(replace(problem, node_key=node.key) for node in by_key.values() for problem in node.problems()),
        *_unreachable(by_key, lines),
        *_loops(by_key, lines),
        *_messages_before(by_key, lines),
        *_open_ports(by_key, lines),
        *_goal(version),
    ]
    return sorted(problems, key=lambda problem: problem.level == "warning")


def _entries(nodes: dict[str, Node]) -> list[Problem]:
    if any(node.is_entry for node in nodes.values()):
        return []
    return [Problem(_("Nobody can come in yet: add an entry step."))]


def _unreachable(nodes: dict[str, Node], lines: Lines) -> list[Problem]:
    entries = [key for key, node in nodes.items() if node.is_entry]
    if not entries:
        return []
    reached = set(entries).union(*(_after(key, lines) for key in entries))
    return [Problem(_("No line leads here."), key) for key in nodes if key not in reached]


def _loops(nodes: dict[str, Node], lines: Lines) -> list[Problem]:
    """Going round without ever waiting would never end, so a loop needs a step that lets time pass."""
    hasty = {
        key: {port: to for port, to in ports.items() if not _lets_time_pass(nodes[to])}
        for key, ports in lines.items()
        if not _lets_time_pass(nodes[key])
    }
    return [
        Problem(_("This goes round in a circle without waiting. Put a wait into the circle."), key)
        for key in nodes
        if key in hasty and key in _after(key, hasty)
    ]


def _lets_time_pass(node: Node) -> bool:
    return node.category == "time"


def _messages_before(nodes: dict[str, Node], lines: Lines) -> list[Problem]:
    """A question about a message can only be answered where that message was sent on the way."""
    problems = []
    for key, node in nodes.items():
        asked = {need.node_key for need in node.needs() if isinstance(need, Engagement) and need.node_key}
        for sender in sorted(asked):
            if sender not in nodes:
                problems.append(Problem(_("The message this asks about is gone. Choose another."), key))
            elif key not in _after(sender, lines):
                text = _("This asks about “%s”, which is never sent before it.") % nodes[sender]
                problems.append(Problem(text, key))
    return problems


def _open_ports(nodes: dict[str, Node], lines: Lines) -> list[Problem]:
    problems = []
    for key, node in nodes.items():
        open_ports = [label for port, label in node.get_ports() if port not in lines[key]]
        if any(open_ports):
            named = ", ".join(f"“{label}”" for label in open_ports if label)
            problems.append(Problem(_("The journey ends after %s.") % named, key, "warning"))
        elif open_ports:
            text = _("Nobody goes anywhere from here yet.") if node.is_entry else _("The journey ends here.")
            problems.append(Problem(text, key, "warning"))
    return problems


def _goal(version: Version) -> list[Problem]:
    if version.goal_exits and not version.goal_event:
        return [Problem(_("Reaching the goal should end the journey, but there is no goal. See Settings."))]
    try:
        parse_where(version.goal_where)
    except ConditionError as error:
        return [Problem(_("What the goal's event has to say cannot be understood: %(why)s") % {"why": error.message})]
    return []


def _after(start: str, lines: Lines) -> set[str]:
    """Every key that can be reached from `start` by at least one line."""
    seen: set[str] = set()
    todo = list(lines.get(start, {}).values())
    while todo:
        key = todo.pop()
        if key not in seen:
            seen.add(key)
            todo.extend(lines.get(key, {}).values())
    return seen
