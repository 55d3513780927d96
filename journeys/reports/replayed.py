"""What came of lives that were replayed, added up: as the counters of live journeys, so that the canvas draws both."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final

from journeys.engine.graph import Graph
from journeys.engine.lives import Passage
from journeys.engine.reference import Customer
from journeys.engine.transition import ACTIVE, COMPLETED, EXITED, FAILED

ENDED: Final = {COMPLETED: "completed", EXITED: "exited", FAILED: "failed"}
Numbers = Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class Sums:
    """`nodes`: by card and metric; `days`: messages by channel and day; `load`: people by number of messages."""

    nodes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    days: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    load: Counter[str] = field(default_factory=Counter)
    people: int = 0
    entries: int = 0

    def add(self, graph: Graph, customers: Iterable[Customer], zone: tzinfo) -> None:
        """These people too."""
        channels = {node.key: node.channel() for node in graph.nodes.values() if node.sends}
        home = graph.nodes[graph.home].key if graph.home else ""
        for customer in customers:
            if not customer.passages:
                continue
            self.people += 1
            self.entries += len(customer.passages)
            got = 0
            for passage in customer.passages:
                self._passage(graph, home, passage)
                got += self._messages(channels, passage, zone)
            self.load[str(got)] += 1

    def _passage(self, graph: Graph, home: str, passage: Passage) -> None:
        walk = passage.walk
        start = passage.path[0][0] if passage.path else graph.nodes[walk.node_id].key
        self.nodes[start]["entered"] += 1
        self.nodes[home]["started"] += 1
        for key, port in passage.path:
            self.nodes[key]["left"] += 1
            if port:
                self.nodes[key][f"port:{port}"] += 1
                target = graph.lines.get((graph.ids[key], port))
                if target is not None:
                    self.nodes[graph.nodes[target].key]["entered"] += 1
        if walk.state != ACTIVE:
            self.nodes[home][ENDED[walk.state]] += 1
        if passage.converted_at:
            self.nodes[home]["converted"] += 1

    def _messages(self, channels: Mapping[str, str], passage: Passage, zone: tzinfo) -> int:
        sent = 0
        for message in passage.messages:
            numbers = self.nodes[message.node_key]
            if message.sent_at is None:
                numbers[f"skipped:{message.refused or 'overtaken'}"] += 1
                continue
            sent += 1
            numbers["sent"] += 1
            numbers["opened"] += message.opened_at is not None
            numbers["human_opened"] += message.human_opened_at is not None
            numbers["clicked"] += message.clicked_at is not None
            self.days[channels[message.node_key]][message.sent_at.astimezone(zone).date().isoformat()] += 1
        return sent

    def dump(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """As JSON, together with what was added up before."""
        return {
            "nodes": _added(before.get("nodes", {}), self.nodes),
            "days": _added(before.get("days", {}), self.days),
            "load": dict(Counter(before.get("load", {})) + self.load),
            "people": before.get("people", 0) + self.people,
            "entries": before.get("entries", 0) + self.entries,
        }


def _added(before: Numbers, more: Numbers) -> dict[str, dict[str, int]]:
    together = {key: Counter(numbers) for key, numbers in before.items()}
    for key, numbers in more.items():
        together.setdefault(key, Counter()).update(numbers)
    return {key: dict(numbers) for key, numbers in together.items()}


def more_than(load: Mapping[str, int], most: int) -> int:
    """How many people got more than so many messages."""
    return sum(people for number, people in load.items() if int(number) > most)
