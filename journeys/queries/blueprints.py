"""Journeys to start from: ready ones, each a file in journeys/blueprints/, and those that were saved here."""

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from journeys.models import Blueprint
from journeys.registry import node_kinds
from omnichannel.shared import yaml_text

FOLDER: Final = Path(__file__).parent.parent / "blueprints"


@dataclass(frozen=True, slots=True)
class Start:
    """One journey to start from. `key` names the file, or the row ("saved-7")."""

    key: str
    name: str
    description: str
    icon: str
    trades: tuple[str, ...]
    steps: tuple[tuple[str, str, str], ...]  # category, icon, title
    messages: int
    text: str


@cache
def ready() -> tuple[Start, ...]:
    """The ready ones, in the order of their names."""
    found = (_start(path.stem, path.read_text()) for path in FOLDER.glob("*.yaml"))
    return tuple(sorted(found, key=lambda one: one.name))


def saved() -> list[Start]:
    """Those that were saved here."""
    return [_start(f"saved-{one.pk}", one.text, one.name, one.description) for one in Blueprint.objects.all()]


def find(key: str) -> Start | None:
    """One of them."""
    return next((one for one in (*ready(), *saved()) if one.key == key), None)


@lru_cache(maxsize=256)
def _start(key: str, text: str, name: str = "", description: str = "") -> Start:
    raw: dict[str, Any] = yaml_text.load(text)
    gallery = raw.get("gallery", {})
    steps = [(node_kinds()[step["kind"]], step) for step in raw.get("steps", {}).values()]
    return Start(
        key,
        name or raw["name"],
        description or raw.get("description", ""),
        gallery.get("icon", "template"),
        tuple(gallery.get("for", ())),
        tuple((kind.category, kind.icon, step.get("name") or str(kind.label)) for kind, step in steps),
        sum(kind.sends for kind, _step in steps),
        text,
    )
