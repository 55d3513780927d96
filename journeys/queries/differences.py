"""What is different between two versions of a journey, step by step: for people who stand there, and for the eye."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from journeys.models import Edge, Node, Version

# same: nothing that matters to who stands there; rewired: only what follows is different; replaced: another kind of
# step under the same key.
Change = Literal["same", "rewired", "changed", "replaced", "removed"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A version's steps by key, and where their ways out lead: key → port → key."""

    nodes: Mapping[str, Node]
    lines: Mapping[str, Mapping[str, str]]

    def change(self, old: Node, lines: Mapping[str, str]) -> Change:
        """What has become of a step of another version, whose ways out led along `lines`. Name and place are nothing
        that matters."""
        new = self.nodes.get(old.key)
        if new is None:
            return "removed"
        if new.kind != old.kind:
            return "replaced"
        if new.config() != old.config():
            return "changed"
        return "same" if self.lines.get(old.key, {}) == lines else "rewired"


def drawn(version: Version | None) -> Drawn:
    """A version with two statements and one for each kind of step."""
    if version is None:
        return Drawn({}, {})
    nodes = list(Node.objects.filter(version=version).order_by("y", "x", "pk"))
    keys = {node.pk: node.key for node in nodes}
    lines: dict[str, dict[str, str]] = {}
    for edge in Edge.objects.filter(version=version):
        lines.setdefault(keys[edge.source_id], {})[edge.port] = keys[edge.target_id]
    return Drawn({node.key: node for node in nodes}, lines)
