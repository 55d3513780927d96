"""Two versions in one drawing: what is new, what is changed and what is gone, for the canvas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from journeys.models import Journey, Version
from journeys.queries import graph

WIDE: Final = 270
HIGH: Final = 120
ASIDE: Final = 300
Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """`drawing` is what the canvas draws; its cards and lines say in `change` what has become of them."""

    drawing: dict[str, Any]
    added: int
    changed: int
    removed: int
    lines: int


def pair(journey: Journey, number: int, beside: int | None) -> tuple[Version, Version] | None:
    """The version of this number, and the one to compare it with: as asked, else the one published before it."""
    versions = {one.number: one for one in journey.versions.all()}
    new = versions.get(number)
    if new is None:
        return None
    if beside is None:
        earlier = [one for one in versions.values() if one.published_at and one.number < number]
        live = journey.live if new.pk == journey.draft_id else None
        old = live or max(earlier, key=lambda one: one.number, default=None)
    else:
        old = versions.get(beside)
    return (old, new) if old is not None and old.pk != new.pk else None


def compared(old: Version, new: Version) -> Compared:
    """The new drawing, with what was before it behind."""
    before, after = graph.payload(old, fixed=True), graph.payload(new, fixed=True)
    was: dict[str, Card] = {card["key"]: card for card in before["nodes"]}
    for card in after["nodes"]:
        card["change"], card["was"] = _change(card, was.get(card["key"]))
    kept = {card["key"] for card in after["nodes"] if card["change"] != "added"}
    ghosts = [_ghost(card, after["nodes"]) for key, card in was.items() if key not in kept]
    named = {ghost["key"].removesuffix("~"): ghost["key"] for ghost in ghosts}
    gone = _lines_gone(before["edges"], after["edges"], named)
    there = {_ends(edge) for edge in before["edges"]}
    for edge in after["edges"]:
        edge["change"] = "" if _ends(edge) in there and edge["source"] in kept and edge["target"] in kept else "added"
    changed = [card for card in after["nodes"] if card["change"] == "changed"]
    for card in changed:  # a line that is gone may leave by a way that is no more
        names = {port["name"] for port in card["ports"]}
        card["ports"] += [port for port in was[card["key"]]["ports"] if port["name"] not in names]
    added = sum(card["change"] == "added" for card in after["nodes"])
    new_lines = sum(edge["change"] == "added" for edge in after["edges"])
    after["nodes"] += ghosts
    after["edges"] += gone
    after["problems"] = []
    return Compared(after, added, len(changed), len(ghosts), new_lines + len(gone))


def _change(card: Card, old: Card | None) -> tuple[str, str]:
    if old is None or old["kind"] != card["kind"]:
        return "added", ""
    if (old["config"], old["name"]) == (card["config"], card["name"]):
        return "", ""
    words = [old[part] for part in ("title", "summary") if old[part] and old[part] != card[part]]
    return "changed", " · ".join(dict.fromkeys(word.replace("**", "") for word in words))


def _ghost(card: Card, others: Sequence[Card]) -> Card:
    """A card that is gone, where it stood; aside, where something else stands there now."""
    x = card["x"]
    while any(abs(x - one["x"]) < WIDE and abs(card["y"] - one["y"]) < HIGH for one in others):
        x += ASIDE
    return {**card, "key": f"{card['key']}~", "x": x, "change": "removed", "was": "", "problems": []}


def _lines_gone(before: Sequence[Card], after: Sequence[Card], named: Mapping[str, str]) -> list[Card]:
    there = {_ends(edge) for edge in after}
    return [
        {
            "source": named.get(edge["source"], edge["source"]),
            "port": edge["port"],
            "target": named.get(edge["target"], edge["target"]),
            "change": "removed",
        }
        for edge in before
        if _ends(edge) not in there or edge["source"] in named or edge["target"] in named
    ]


def _ends(edge: Mapping[str, str]) -> tuple[str, str, str]:
    return edge["source"], edge["port"], edge["target"]
