"""The messages of one customer as conditions see them: what the reference has sent, beside what was sent before."""

from collections.abc import Iterable
from datetime import datetime

from journeys.conditions.message import COLUMNS, AboutMessages, Letter, Letters
from journeys.engine.graph import Graph
from journeys.engine.known import Beside
from journeys.engine.lives import Passage, Sent
from profiles.segments.history import History


def letters(graph: Graph, profile_id: int, passages: Iterable[Passage], history: History, beside: Beside) -> Letters:
    """Only what has left counts."""
    before: Letters | None = beside.by_kind.get(AboutMessages)
    found = list(before.of.get(profile_id, ())) if before else []
    found += [_letter(graph, sent) for passage in passages for sent in passage.messages if sent.sent_at]
    return Letters({profile_id: found}, history)


def _letter(graph: Graph, sent: Sent) -> Letter:
    node = graph.nodes.get(graph.ids.get(sent.node_key, 0))  # a step of a former version may be gone
    moments: dict[str, datetime | None] = {column: getattr(sent, column, None) for column, _event in COLUMNS.values()}
    return Letter(getattr(node, "template_id", 0), graph.journey_id, node.channel() if node else "", moments)
