"""What the words on cards need from the database, for many cards at once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import ForeignKey, prefetch_related_objects

from journeys.models import Node
from journeys.registry import channels


def load_what_they_name(nodes: Iterable[Node]) -> None:
    """Cards name templates, segments, other cards: one statement per kind and relation, not one per card."""
    nodes = list(nodes)
    _load_relations(nodes)
    _name_targets([node for node in nodes if node.jumps_to()])


def _load_relations(nodes: Iterable[Node]) -> None:
    by_class: dict[type[Node], list[Node]] = defaultdict(list)
    for node in nodes:
        by_class[type(node)].append(node)
    for cls, same in by_class.items():
        relations = [f.name for f in cls._meta.local_fields if isinstance(f, ForeignKey) and not f.primary_key]
        prefetch_related_objects(same, *relations)


def _name_targets(jumps: Sequence[Node]) -> None:
    """A jump says by its name where it leads."""
    if not jumps:
        return
    versions = {node.version_id for node in jumps}
    targets = list(Node.objects.filter(version_id__in=versions, key__in={node.jumps_to() for node in jumps}))
    _load_relations(targets)
    names = {(node.version_id, node.key): str(node) for node in targets}
    for node in jumps:
        node.target_title = names.get((node.version_id, node.jumps_to() or ""), "")  # type: ignore[attr-defined]


def untracked(channel: str) -> tuple[str, ...]:
    """What nobody can know about messages of a channel: a rate of it would be a lie."""
    known = channels().get(channel)
    if known is None:
        return ()
    told = {
        "opened": known.tracks_opens,
        "clicked": known.tracks_clicks,
        "unsubscribed": known.tracks_leaving,
        "replied": known.tracks_replies,
    }
    return tuple(what for what, tells in told.items() if not tells)


def in_full(node: Node) -> str:
    """The name of a card where its sentence is not beside it: a heading that every card of the kind has says little."""
    if node.name or node.title() != str(node.label):
        return str(node)
    return f"{node} · {node.summary().replace('**', '')}".rstrip(" ·")
