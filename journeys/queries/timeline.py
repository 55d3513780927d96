"""What journeys bring to the timeline of a person: messages that open as they were sent, and the way taken."""

import json
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.delivery.reasons import in_words
from journeys.models import Enrollment, Journey, Message, Node
from journeys.queries.cards import load_what_they_name
from journeys.queries.passages import keys_of, step_in_words
from journeys.queries.reasons import vocabulary, why
from journeys.registry import channels
from omnichannel.shared import slots, sql
from omnichannel.shared.slots import Entry, Window
from profiles.queries.reach import Way

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "timeline.sql")
SLOT: Final = "profile.timeline"
CAME_IN, CONVERTED, ENDED = range(3)


def register() -> None:
    """Messages, and the way through journeys."""
    slots.register_source(SLOT, messages, {"messages": gettext_lazy("Messages")})
    slots.register_source(SLOT, passages, {"journeys": gettext_lazy("Journeys")})
    slots.register_source(SLOT, steps, {"journeys": gettext_lazy("Journeys")})


def ways() -> list[Way]:
    """The channels, for whoever asks how somebody can be reached."""
    return [Way(one.kind, one.address_kind, one.label, one.icon) for one in channels().values()]


def journey_names(ids: Collection[int]) -> dict[int, str]:
    """Names of journeys, for words such as "by the journey Welcome"."""
    return dict(Journey.objects.filter(pk__in=ids).values_list("pk", "name"))


def messages(profile_id: int, window: Window) -> list[Entry]:
    """What was said to them; a line opens the message as it was sent."""
    return [_message(*row) for row in _rows("messages", profile_id, "m", window)]


def _message(
    pk: int, at: datetime, state: str, channel: str, reason: str, template: str, journey: str, letter: int | None
) -> Entry:
    words = {
        Message.State.SENT: _("Was sent"),
        Message.State.SKIPPED: _("Was not sent"),
        Message.State.FAILED: _("Could not be sent"),
        Message.State.UNKNOWN: _("Was perhaps sent"),
    }
    known = channels()
    return Entry(
        at=at,
        key=slots.key("m", pk),
        icon=known[channel].icon if channel in known else "send",
        title=words.get(Message.State(state), _("Is about to be sent")),
        strong=template or _("a message"),
        note=" · ".join(part for part in (journey, in_words(reason)) if part),
        tone="message",
        opens=reverse("letter", args=[letter]) if letter else "",
    )


def passages(profile_id: int, window: Window) -> list[Entry]:
    """Coming into journeys, reaching their goals, leaving."""
    return [_passage(*row) for row in _rows("passages", profile_id, "p", window)]


def _passage(number: int, at: datetime, what: int, state: int, reason: str, journey_id: int, name: str) -> Entry:
    if what == CAME_IN:
        icon, title, note = "login-2", _("Came into the journey"), ""
    elif what == CONVERTED:
        icon, title, note = "target-arrow", _("Reached the goal of"), ""
    else:
        icon, note = "logout-2", reason
        title = {
            Enrollment.State.COMPLETED: _("Went through the journey"),
            Enrollment.State.FAILED: _("Could not go on in the journey"),
        }.get(Enrollment.State(state), _("Left the journey"))
    url = reverse("journey", args=[journey_id]) if name else ""
    return Entry(at, slots.key("p", number), icon, title, name or _("a deleted journey"), note, "entry", url)


def steps(profile_id: int, window: Window) -> list[Entry]:
    """What was decided on the way, and why."""
    rows = _rows("steps", profile_id, "s", window)
    nodes = Node.objects.in_bulk({row[2] for row in rows})
    load_what_they_name(nodes.values())
    versions = {row[6] for row in rows}
    names = keys_of(versions) | {node.key: str(node) for node in nodes.values()}
    words = vocabulary(nodes.values(), names)
    lines = []
    for pk, at, node_id, port, outcome, facts, _version, journey in rows:
        node = nodes.get(node_id)
        told = json.loads(facts) if isinstance(facts, str) else facts
        parts = (step_in_words(outcome, port, node), why(told or {}, node, words), journey)
        lines.append(
            Entry(
                at=at,
                key=slots.key("s", pk),
                icon=node.icon if node else "route",
                title="",
                strong=str(node) if node else _("A step"),
                note=" · ".join(part for part in parts if part),
                tone=node.category if node else "",
            )
        )
    return lines


def _rows(statement: str, profile_id: int, letter: str, window: Window) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], {"profile": profile_id, **window.bound(letter)})
        return list(cursor.fetchall())
