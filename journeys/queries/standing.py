"""Who stands where when a journey is about to change: what the dialog before publishing asks about."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.db import connection
from django.utils.translation import gettext as _

from journeys.models import Journey, Node, Version
from journeys.queries.cards import in_full, load_what_they_name
from journeys.queries.differences import Change, Drawn, drawn
from omnichannel.shared import sql

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "changeover.sql")
WEIGHT: Final[dict[Change, int]] = {"same": 0, "rewired": 1, "changed": 2, "replaced": 3, "removed": 4}

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """People at a step that the new version changes; `becomes` is None where the step is gone."""

    node: Node
    people: int
    change: Change
    becomes: Node | None
    choices: tuple[Option, ...]  # what can be done with them: (value, words)
    elsewhere: tuple[Option, ...]  # to which other steps they can be moved

    @property
    def was(self) -> str:
        """The old sentence."""
        return self.node.summary().replace("**", "")

    @property
    def is_now(self) -> str:
        """The new one."""
        return self.becomes.summary().replace("**", "") if self.becomes else ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody inside: at changed steps by step, at steps that stay the same as a number."""

    changed: tuple[Standing, ...]
    same: int

    @property
    def people(self) -> int:
        """All of them."""
        return self.same + sum(one.people for one in self.changed)


def occupied(journey: Journey) -> dict[int, dict[int, int]]:
    """How many people stand where: {version: {node: people}}, empty versions left out."""
    versions = list(journey.versions.exclude(state=Version.State.DRAFT).values_list("pk", flat=True))
    found: dict[int, dict[int, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SQL["standing"], {"versions": versions})
        for version, node, people in cursor.fetchall():
            found.setdefault(version, {})[node] = people
    return found


def audience(journey: Journey, target: Version) -> Audience:
    """Who is inside, seen from the version that is to take over."""
    new = drawn(target)
    load_what_they_name(new.nodes.values())
    people: dict[str, int] = {}
    seen: dict[str, tuple[Change, Node]] = {}
    for ident, at in occupied(journey).items():
        standing = drawn(Version.objects.get(pk=ident))
        for node in Node.objects.filter(pk__in=at).order_by("y", "x", "pk"):
            change = new.change(node, standing.lines.get(node.key, {}))
            people[node.key] = people.get(node.key, 0) + at[node.pk]
            if node.key not in seen or WEIGHT[change] > WEIGHT[seen[node.key][0]]:
                seen[node.key] = (change, node)
    load_what_they_name(node for _change, node in seen.values())
    changed = tuple(
        Standing(node, people[key], change, *_offered(node, change, new))
        for key, (change, node) in seen.items()
        if change != "same"
    )
    return Audience(changed, sum(people[key] for key, (change, _node) in seen.items() if change == "same"))


def _offered(node: Node, change: Change, new: Drawn) -> tuple[Node | None, tuple[Option, ...], tuple[Option, ...]]:
    becomes = new.nodes.get(node.key) if change != "removed" else None
    choices = [("keep", _("Finish the version they came in with"))]
    if change == "changed":
        choices.append(("move", _("Go on in the new version; the wait they are in stays as it was")))
        choices.append(("retime", _("Go on in the new version; time this step anew, from when they came to it")))
    elif change == "rewired":
        choices.append(("move", _("Go on in the new version")))
    choices.append(("exit", _("Leave the journey")))
    return becomes, tuple(choices), tuple(_elsewhere(new.nodes.values(), node.key if change != "replaced" else ""))


def _elsewhere(nodes: Iterable[Node], but: str) -> Iterable[Option]:
    for node in nodes:
        if not node.is_entry and node.key != but:
            yield f"move:{node.key}", in_full(node)
