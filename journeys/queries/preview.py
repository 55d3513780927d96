"""How content looks for one person, before anything is saved or sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.contracts.channel import Channel, ContentError
from journeys.contracts.problem import Problem
from journeys.delivery.render import context
from omnichannel.accounts.models import Workspace
from profiles.models import Event, Profile


@dataclass(frozen=True, slots=True)
class Preview:
    """The parts as they would be sent, and what to mend."""

    parts: dict[str, Any]
    problems: list[Problem]
    error: str = ""
    facts: list[str] = field(default_factory=list)


def preview(
    channel: Channel,
    content: Mapping[str, Any],
    person: Profile | None,
    *,
    attributes: Mapping[str, Any] | None = None,
    event: Mapping[str, Any] | None = None,
) -> Preview:
    """Never raises: what cannot be rendered says why. `attributes` and `event` take the place of the person's own."""
    own = person.attributes if person else {}
    problems = channel.problems(content)
    values = context(
        own if attributes is None else attributes,
        profile_id=person.pk if person else 0,
        workspace=Workspace.get(),
        event=_last_event(person) if event is None else event,
        journey=_("Name of the journey"),
        unsubscribe_url="#unsubscribe",
    )
    try:
        parts = channel.render(content, values).parts
    except ContentError as error:
        return Preview({}, [p for p in problems if p.text != str(error)], str(error))
    return Preview(parts, problems, facts=_facts(parts))


def _last_event(person: Profile | None) -> dict[str, Any]:
    """The richest thing to fill `event` with: what the person did last that had details."""
    if person is None:
        return {}
    events = Event.objects.filter(profile=person, kind="track").exclude(properties={}).order_by("-occurred_at")
    first = events.values_list("properties", flat=True).first()
    return dict(first or {})


def _facts(parts: Mapping[str, Any]) -> list[str]:
    if "html" in parts:
        return [_("%(n)s KB") % {"n": round(len(parts["html"].encode()) / 1024)}]
    length = len(parts.get("text", ""))
    return [ngettext("%(n)s character", "%(n)s characters", length) % {"n": length}]
