"""What the words on cards need from the database, for many cards at once."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import ForeignKey, prefetch_related_objects

from journeys.models import Node
from journeys.registry import channels


def load_what_they_name(nodes: Iterable[Node]) -> None:
    """Cards name templates and segments: one statement per kind and relation, not one per card."""
    by_class: dict[type[Node], list[Node]] = defaultdict(list)
    for node in nodes:
        by_class[type(node)].append(node)
    for cls, same in by_class.items():
        relations = [f.name for f in cls._meta.local_fields if isinstance(f, ForeignKey) and not f.primary_key]
        prefetch_related_objects(same, *relations)


def untracked(channel: str) -> tuple[str, ...]:
    """What nobody can know about messages of a channel: a rate of it would be a lie."""
    known = channels().get(channel)
    if known is None:
        return ()
    return tuple(what for what, told in (("opened", known.tracks_opens), ("clicked", known.tracks_clicks)) if not told)


def in_full(node: Node) -> str:
    """The name of a card where its sentence is not beside it: a heading that every card of the kind has says little."""
    if node.name or node.title() != str(node.label):
        return str(node)
    return f"{node} · {node.summary().replace('**', '')}".rstrip(" ·")
