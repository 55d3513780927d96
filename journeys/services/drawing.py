"""A draft in memory while it is edited: every operation is checked here and written at once."""

from collections.abc import Callable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from journeys.models import Edge, Node, Version
from journeys.registry import node_kinds
from journeys.services.operations import (
    AddNode,
    Configure,
    Connect,
    DeleteNode,
    Disconnect,
    MoveNode,
    Operation,
    RenameNode,
)

MOST_NODES: Final = 300


class Drawing:
    """Nodes by key and edges by (source key, port). A ValueError says why an operation cannot be done."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.nodes: dict[str, Node] = {node.key: node for node in Node.objects.filter(version=version)}
        keys = {node.pk: key for key, node in self.nodes.items()}
        self.edges = {(keys[edge.source_id], edge.port): edge for edge in Edge.objects.filter(version=version)}
        self._performers: dict[type, Callable[[Any], None]] = {
            AddNode: self.add,
            MoveNode: self.move,
            RenameNode: self.rename,
            DeleteNode: self.delete,
            Configure: self.configure,
            Connect: self.connect,
            Disconnect: self.disconnect,
        }

    def perform(self, operation: Operation) -> None:
        """Do one operation."""
        self._performers[type(operation)](operation)

    def add(self, op: AddNode) -> None:
        """A new card, with its kind's defaults; `operations.ordered` fills it in afterwards."""
        if op.key in self.nodes:
            raise ValueError(_("There is already a step with the key %s.") % op.key)
        if len(self.nodes) >= MOST_NODES:
            raise ValueError(_("A journey holds at most %s steps.") % MOST_NODES)
        kind = node_kinds().get(op.kind)
        if kind is None:
            raise ValueError(_("There is no kind of step called %s.") % op.kind)
        node = kind(version=self.version, key=op.key, name=op.name, x=op.x, y=op.y)
        node.save()
        self.nodes[op.key] = node

    def move(self, op: MoveNode) -> None:
        """Another place for a card."""
        node = self._node(op.key)
        node.x, node.y = op.x, op.y
        node.save(update_fields=["x", "y"])

    def rename(self, op: RenameNode) -> None:
        """Another name for a card; empty: the one its kind gives."""
        node = self._node(op.key)
        node.name = op.name.strip()
        node.save(update_fields=["name"])

    def delete(self, op: DeleteNode) -> None:
        """Take a card and its lines away."""
        node = self._node(op.key)
        touching = [at for at, edge in self.edges.items() if node.pk in (edge.source_id, edge.target_id)]
        for at in touching:
            self.edges.pop(at).delete()
        node.delete()
        del self.nodes[op.key]

    def configure(self, op: Configure) -> None:
        """Fill a card's form; lines that leave through a port that is gone go too."""
        node = self._node(op.key)
        try:
            node.configure(op.config)
        except ValidationError as error:
            raise ValueError(f"{node}: {'; '.join(_sentences(error))}") from error
        node.save()
        ports = dict(node.get_ports())
        for at in [at for at in self.edges if at[0] == node.key and at[1] not in ports]:
            self.edges.pop(at).delete()

    def connect(self, op: Connect) -> None:
        """Draw the line from a port; a port has one line, so an older one gives way."""
        source, target = self._node(op.source), self._node(op.target)
        if op.port not in dict(source.get_ports()):
            raise ValueError(_("%(step)s has no way out called %(port)s.") % {"step": source, "port": op.port})
        if target.is_entry:
            raise ValueError(_("%s starts the journey, so no line can lead to it.") % target)
        if source.pk == target.pk:
            raise ValueError(_("%s cannot lead to itself.") % source)
        edge = self.edges.get((op.source, op.port))
        if edge is None:
            edge = Edge(version=self.version, source=source, port=op.port)
        edge.target = target
        edge.save()
        self.edges[op.source, op.port] = edge

    def disconnect(self, op: Disconnect) -> None:
        """Take a line away."""
        edge = self.edges.get((op.source, op.port))
        if edge is None or (op.target is not None and edge.target_id != self._node(op.target).pk):
            raise ValueError(_("There is no such line."))
        self.edges.pop((op.source, op.port)).delete()

    def _node(self, key: str) -> Node:
        if key not in self.nodes:
            raise ValueError(_("There is no step with the key %s.") % key)
        return self.nodes[key]


def _sentences(error: ValidationError) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
    return list(error.messages)
