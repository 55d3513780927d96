"""The linter of drawings: what a marketer has to mend before publishing, and what they should know."""

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from journeys.contracts.problem import Problem
from journeys.contracts.step import Answer, Engagement
from journeys.engine import exits
from journeys.models import Braked, Edge, Node, Version
from journeys.queries.cards import load_what_they_name
from journeys.queries.circles import circle
from journeys.registry import channels
from profiles.models import Segment
from profiles.segments.ast import ConditionError, parse_where

Lines = dict[str, dict[str, str]]  # source key → port → target key


def check(version: Version) -> list[Problem]:
    """Problems of a whole version, errors first, then from top to bottom."""
    nodes = list(Node.objects.filter(version=version))
    load_what_they_name(nodes)
    return check_drawing(version, nodes, Edge.objects.filter(version=version))


def check_drawing(version: Version, nodes: list[Node], edges: Iterable[Edge]) -> list[Problem]:
    """The same for nodes and edges that are loaded already."""
    keys = {node.pk: node.key for node in nodes}
    lines: Lines = {node.key: {} for node in nodes}
    for edge in edges:
        lines[keys[edge.source_id]][edge.port] = keys[edge.target_id]
    jumps = {node.key: target for node in nodes if (target := node.jumps_to())}
    for key, target in jumps.items():
        if target in lines:
            lines[key]["next"] = target
    by_key = {node.key: node for node in sorted(nodes, key=lambda node: (node.y, node.x))}
    problems = [
        *_entries(by_key),
        *(replace(problem, node_key=node.key) for node in by_key.values() for problem in node.problems()),
        *(Problem(_("The step this jumps to is gone."), key) for key, to in jumps.items() if to not in by_key),
        *_unreachable(by_key, lines),
        *_loops(by_key, lines),
        *_messages_before(by_key, lines),
        *_answers_before(by_key, lines),
        *_contents(by_key),
        *_no_way_out(by_key, lines),
        *_circle(version, nodes),
        *_braked(version),
        *_open_ports(by_key, lines),
        *_goal(version, any(node.reaches_goal for node in nodes)),
        *_exits(version),
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
        key: {port: to for port, to in ports.items() if not nodes[to].lets_time_pass}
        for key, ports in lines.items()
        if not nodes[key].lets_time_pass
    }
    return [
        Problem(_("This goes round in a circle without waiting. Put a wait into the circle."), key)
        for key in nodes
        if key in hasty and key in _after(key, hasty)
    ]


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
            elif _reached_without(sender, key, nodes, lines):
                text = _("Some come here without having got “%s”: they count as people who did not react.")
                problems.append(Problem(text % nodes[sender], key, "warning"))
    return problems


def _answers_before(nodes: dict[str, Node], lines: Lines) -> list[Problem]:
    """A question about an answer can only be decided where somebody was asked on the way."""
    problems = []
    for key, node in nodes.items():
        for need in node.needs():
            if not isinstance(need, Answer) or need.node_key in ("", key):
                continue
            if need.node_key not in nodes:
                problems.append(Problem(_("The step whose answer this looks at is gone. Choose another."), key))
            elif key not in _after(need.node_key, lines):
                text = _("This looks at the answer to “%s”, which never comes before it.")
                problems.append(Problem(text % nodes[need.node_key], key))
    return problems


def _reached_without(sender: str, key: str, nodes: dict[str, Node], lines: Lines) -> bool:
    around = {source: {} if source == sender else ways for source, ways in lines.items()}
    return any(key in _after(entry, around) for entry, node in nodes.items() if node.is_entry)


def _contents(nodes: dict[str, Node]) -> list[Problem]:
    """Messages that cannot be sent as they are."""
    problems = []
    for key, node in nodes.items():
        template = getattr(node, "template", None) if node.sends else None
        if template:
            wrong = faults(template.channel, json.dumps(template.content, sort_keys=True), get_language() or "")
            problems += [
                Problem(_("“%(message)s”: %(text)s") % {"message": template, "text": text}, key) for text in wrong
            ]
    return problems


@lru_cache(maxsize=512)
def faults(kind: str, content: str, _language: str) -> tuple[str, ...]:
    """What hinders a content of a channel from being sent; compiled once while it is the same."""
    channel = channels().get(kind)
    if channel is None:
        return (_("There is no channel for it any more."),)
    return tuple(problem.text for problem in channel.problems(json.loads(content)) if problem.level == "error")


def _no_way_out(nodes: dict[str, Node], lines: Lines) -> list[Problem]:
    """Whoever comes here goes round for ever. Said once, where it begins."""
    ends = {key for key, node in nodes.items() if any(port not in lines[key] for port, _label in node.get_ports())}
    ends |= {key for key, node in nodes.items() if not node.get_ports() and not lines[key]}
    caught = [key for key in nodes if key not in ends and not ends & _after(key, lines)]
    return [Problem(_("Nobody who comes here ever leaves the journey."), key, "warning") for key in caught[:1]]


def _circle(version: Version, nodes: list[Node]) -> list[Problem]:
    names = circle(version, nodes)
    if names is None:
        return []
    if not names:
        return [
            Problem(
                _("People who pass through are brought in again, for ever. See “Who came once may come”."),
                "",
                "warning",
            )
        ]
    told = " → ".join(f"“{name}”" for name in names)
    text = _("This journey and %(others)s bring people into each other, for ever.") % {"others": told}
    return [Problem(text, "", "warning")]


def _braked(version: Version) -> list[Problem]:
    """It has happened, since what is live went live: the brake is a stop, not a cure."""
    live = Version.objects.filter(journey=version.journey_id, state=Version.State.PUBLISHED).first()
    stopped = Braked.objects.filter(journey_id=version.journey_id, at__gte=live.published_at) if live else None
    if stopped is None or not (people := stopped.count()):
        return []
    text = ngettext(
        "%(n)s person was sent round by journeys that start each other, and was stopped.",
        "%(n)s people were sent round by journeys that start each other, and were stopped.",
        people,
    )
    return [Problem(text % {"n": people}, "", "warning")]


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


def _exits(version: Version) -> list[Problem]:
    """Rules of the whole journey that nobody can meet."""
    try:
        exits.read(version.exit_rules)
    except ConditionError as error:
        return [Problem(_("A rule for leaving early cannot be understood: %(why)s") % {"why": error.message})]
    named = exits.segments_of(version.exit_rules)
    if named and Segment.objects.filter(pk__in=named).count() < len(named):
        return [Problem(_("The segment of a rule for leaving early is gone. See Settings."))]
    return []


def _goal(version: Version, drawn: bool) -> list[Problem]:
    if version.goal_exits and not version.goal_event and not drawn:
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
