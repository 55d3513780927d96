"""Load what policy and rendering need, for a whole batch: one statement per kind of fact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from django.db import connection

from journeys.contracts.channel import Channel
from journeys.delivery.answers import answers_of
from journeys.delivery.policy import Candidate
from journeys.models import Journey, Template
from omnichannel.accounts.models import Workspace
from omnichannel.shared import sql
from profiles.ingest.guard import blocked_addresses
from profiles.models import Topic

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "delivery.sql")
DEFAULT_TOPIC: Final = "marketing"  # the topic of messages that name none


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that we hold, in the columns of the statement `claim`."""

    id: int
    enrollment_id: int | None
    journey_id: int | None
    version_id: int | None
    node_id: int | None
    profile_id: int
    template_id: int
    channel: str
    topic_id: int | None
    trigger_event_id: int | None
    attempts: int
    created_at: datetime


@dataclass(slots=True)
class Facts:
    """What is known about a batch."""

    workspace: Workspace
    people: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    taken_out: set[int | None] = field(default_factory=set)
    overtaken: set[int] = field(default_factory=set)
    twins: set[int] = field(default_factory=set)
    topics: dict[int, Topic] = field(default_factory=dict)
    default_topic: int | None = None
    consents: dict[tuple[int, int], bool] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    addresses: dict[int, tuple[str, str]] = field(default_factory=dict)
    triggers: dict[int, dict[str, Any]] = field(default_factory=dict)
    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    templates: dict[int, Template] = field(default_factory=dict)
    journeys: dict[int, Journey] = field(default_factory=dict)

    def topic_of(self, message: Claimed) -> Topic | None:
        """Its topic; without one, the default topic."""
        return self.topics.get(message.topic_id or self.default_topic or 0)

    def candidate(self, message: Claimed) -> Candidate:
        """The facts of one message, as the policy wants them."""
        topic, journey = self.topic_of(message), self.journeys.get(message.journey_id or 0)
        person = self.people.get(message.profile_id)
        raw, address = self.addresses.get(message.profile_id, ("", ""))
        subscribed = topic.default_subscribed if topic else True
        if topic and person:
            subscribed = self.consents.get((person[0], topic.pk), subscribed)
        return Candidate(
            exists=person is not None,
            has_template=message.template_id in self.templates,
            journey_archived=bool(journey and journey.state == Journey.State.ARCHIVED),
            taken_out=message.enrollment_id in self.taken_out,
            overtaken=message.id in self.overtaken,
            told_before=message.id in self.twins,
            transactional=bool(topic and topic.transactional),
            subscribed=subscribed,
            # Blocked as it is sent to, or (by hand) as the person spells it: müller.example, xn--mller-kva.example.
            suppressed=bool(address) and bool({address.lower(), raw.lower()} & self.suppressed),
            raw_address=raw,
            address=address,
        )


def load(messages: Sequence[Claimed], channel: Channel) -> Facts:
    """A constant number of statements, however many messages."""
    facts = Facts(workspace=Workspace.get())
    facts.topics = {topic.pk: topic for topic in Topic.objects.all()}
    facts.default_topic = next((pk for pk, topic in facts.topics.items() if topic.slug == DEFAULT_TOPIC), None)
    facts.templates = Template.objects.in_bulk({m.template_id for m in messages})
    facts.answers = answers_of([m.enrollment_id for m in messages if m.enrollment_id])
    facts.journeys = Journey.objects.in_bulk({m.journey_id for m in messages if m.journey_id})
    with connection.cursor() as cursor:
        cursor.execute(SQL["people"], {"ids": [m.profile_id for m in messages]})
        facts.people = {row[0]: (row[1], _json(row[2])) for row in cursor.fetchall()}
        cursor.execute(SQL["taken_out"], {"ids": [m.enrollment_id for m in messages if m.enrollment_id]})
        facts.taken_out = {row[0] for row in cursor.fetchall()}
        cursor.execute(SQL["overtaken"], {"ids": [m.id for m in messages]})
        facts.overtaken = {row[0] for row in cursor.fetchall()}
        known = [(m.id, facts.people[m.profile_id][0]) for m in messages if m.profile_id in facts.people]
        cursor.execute(SQL["twins"], {"ids": [one for one, _ in known], "people": [person for _, person in known]})
        facts.twins = {row[0] for row in cursor.fetchall()}
        cursor.execute(SQL["triggers"], {"ids": [m.trigger_event_id for m in messages if m.trigger_event_id]})
        facts.triggers = {row[0]: _json(row[1]) for row in cursor.fetchall()}
        wanted = {"ids": [kept for kept, _ in facts.people.values()], "topics": list(facts.topics)}
        cursor.execute(SQL["consents"], {**wanted, "channel": channel.kind})
        facts.consents = {(row[0], row[1]): row[2] for row in cursor.fetchall()}
        for ident, (_, attributes) in facts.people.items():
            raw = str(attributes.get(channel.address_kind) or "").strip()
            facts.addresses[ident] = (raw, channel.valid_address(raw) if raw else "")
        spellings = blocked_as(channel.address_kind, facts.addresses.values())
        cursor.execute(SQL["suppressed"], {"kind": channel.address_kind, "addresses": list(spellings)})
        facts.suppressed = {spellings[row[0]] for row in cursor.fetchall()}
    return facts


def blocked_as(kind: str, addresses: Iterable[tuple[str, str]]) -> dict[str, str]:
    """How these addresses may stand among the blocked ones, {as it stands there: the address}: an address of somebody
    erased is kept as a hash.
    """
    lowered = {each.lower() for pair in addresses for each in pair if each}
    return {spelling: each for each in lowered for spelling in (each, *blocked_addresses(kind, each))}


def _json(value: Any) -> dict[str, Any]:
    """Django leaves jsonb as text in raw cursors."""
    loaded: dict[str, Any] = msgspec.json.decode(value) if isinstance(value, str) else value
    return loaded
