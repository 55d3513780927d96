"""Drafts: where every change of a drawing is written. A published version is copied, never touched."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from journeys.models import Edge, Journey, Node, Version
from journeys.services.drawing import Drawing
from journeys.services.operations import OperationError, ordered, parse
from omnichannel.accounts.models import User

SETTINGS = (
    "reentry",
    "entry_key",
    "entry_limit",
    "entry_limit_hours",
    "entry_total",
    "timezone",
    "topic_id",
    "goal_event",
    "goal_where",
    "goal_window_hours",
    "goal_exits",
    "exit_rules",
)


class Conflict(Exception):
    """Somebody else has changed the drawing since `revision` was read."""

    def __init__(self, version: Version) -> None:
        super().__init__(f"The journey is at revision {version.revision} now.")
        self.version = version


class Archived(Exception):
    """An archived journey is read only."""


def current(journey: Journey) -> Version:
    """What the canvas shows: the draft, else what is live. Every journey has one of them."""
    version = journey.draft or journey.live
    if version is None:
        raise LookupError(f"Journey {journey.pk} has neither a draft nor a live version.")
    return version


@transaction.atomic
def create(name: str, *, by: User | None, description: str = "") -> Journey:
    """A journey with an empty draft."""
    journey = Journey.objects.create(name=name, description=description, created_by=by)
    journey.draft = Version.objects.create(journey=journey, number=1)
    journey.save(update_fields=["draft"])
    return journey


@transaction.atomic
def duplicate(journey: Journey, name: str, *, by: User | None) -> Journey:
    """A new journey with the same drawing and settings, as a draft."""
    copied = create(name, by=by, description=journey.description)
    _copy(current(journey), current(copied))
    return copied


@transaction.atomic
def start_draft(journey: Journey, by: User | None) -> Version:
    """The draft of the journey; made as a copy of what is live where there is none. Keys of nodes stay."""
    journey = lock(journey.pk)
    if journey.draft is None:
        highest = journey.versions.aggregate(highest=Max("number"))["highest"] or 0
        journey.draft = Version.objects.create(
            journey=journey, number=highest + 1, revision=journey.live.revision if journey.live else 0
        )
        if journey.live:
            _copy(journey.live, journey.draft)
        journey.save(update_fields=["draft", "updated_at"])
    return journey.draft


@transaction.atomic
def discard(journey: Journey) -> None:
    """Throw the draft away and go back to what is live. Nothing happens where nothing is live.

    The revision counts on: whoever has the draft on screen is told with the next edit.
    """
    journey = lock(journey.pk)
    if journey.draft is None or journey.live is None:
        return
    draft, journey.draft = journey.draft, None
    journey.save(update_fields=["draft", "updated_at"])
    Version.objects.filter(pk=journey.live.pk).update(revision=draft.revision + 1, edit="")
    _delete(draft)


@transaction.atomic
def restore(journey: Journey, version: Version, by: User | None) -> Version:
    """Make an old version the draft, in place of the one there is."""
    journey = lock(journey.pk)
    _writable(journey)
    revision = journey.versions.aggregate(latest=Max("revision"))["latest"]
    if journey.draft is not None:
        old, journey.draft = journey.draft, None
        journey.save(update_fields=["draft"])
        _delete(old)
    highest = journey.versions.aggregate(highest=Max("number"))["highest"] or 0
    journey.draft = Version.objects.create(journey=journey, number=highest + 1, revision=revision + 1)
    _copy(version, journey.draft)
    journey.save(update_fields=["draft", "updated_at"])
    return journey.draft


@transaction.atomic
def apply(
    journey: Journey, revision: int, operations: Sequence[dict[str, Any]], by: User | None, edit: str = ""
) -> Version:
    """Do all operations, or none of them. `edit`: a name of its own for this edit, of at most 32 characters.

    An edit without operations makes no draft; the revision rises, so that what was made on the old one comes too late.

    Conflict: the drawing has moved on since `revision`. OperationError: which operation cannot be done, and why.
    """
    journey = lock(journey.pk)
    _writable(journey)
    version = current(journey)
    if version.revision != revision:
        raise Conflict(version)
    parsed = parse(operations)
    draft = start_draft(journey, by) if parsed else version
    drawing = Drawing(draft)
    for index, operation in ordered(parsed):
        try:
            drawing.perform(operation)
        except ValueError as error:
            raise OperationError(index, str(error)) from error
    draft.revision += 1
    draft.edit = edit
    draft.save(update_fields=["revision", "edit", "saved_at"])
    Journey.objects.filter(pk=journey.pk).update(updated_at=draft.saved_at)
    return draft


@transaction.atomic
def save_settings(journey: Journey, values: dict[str, Any], by: User | None) -> Version:
    """Change goal, re-entry and topic of the draft; they reach people with the next publication."""
    _writable(lock(journey.pk))
    draft = start_draft(journey, by)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.save()
    return draft


def rename(journey: Journey, name: str, description: str | None = None) -> None:
    """Give the journey another name (and description)."""
    journey.name = name
    if description is not None:
        journey.description = description
    journey.save(update_fields=["name", "description", "updated_at"])


def lock(journey_id: int) -> Journey:
    """The journey, held until the transaction ends: edits of one journey come one after the other.

    Its versions are read by later statements: one that joined them would show them as before the wait for the lock.
    """
    return Journey.objects.select_for_update().get(pk=journey_id)


def _writable(journey: Journey) -> None:
    if journey.state == Journey.State.ARCHIVED:
        raise Archived


def _copy(source: Version, target: Version) -> None:
    for name in SETTINGS:
        setattr(target, name, getattr(source, name))
    target.save()
    copies: dict[int, Node] = {}
    for node in Node.objects.filter(version=source).order_by("pk"):
        copies[node.pk] = _copy_node(node, target)
    Edge.objects.bulk_create(
        Edge(version=target, source=copies[edge.source_id], port=edge.port, target=copies[edge.target_id])
        for edge in Edge.objects.filter(version=source)
    )


def _copy_node(node: Node, target: Version) -> Node:
    own = [f for f in node._meta.concrete_fields if not f.primary_key and not f.auto_created]
    skipped = {"id", "version", "polymorphic_ctype"}
    values = {f.attname: getattr(node, f.attname) for f in own if f.name not in skipped}
    return type(node).objects.create(version=target, **values)


def _delete(version: Version) -> None:
    Edge.objects.filter(version=version).delete()
    for node in Node.objects.filter(version=version):
        node.delete()
    version.delete()
