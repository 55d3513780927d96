"""What the person behind a message may choose from: topics, and whether they hear of them on its channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from journeys.delivery.facts import SQL
from journeys.delivery.receipts import default_topic
from journeys.models import Message
from journeys.registry import channels
from omnichannel.accounts.models import Workspace
from profiles.models import Profile, Topic
from profiles.services.consent import Word, say


@dataclass(frozen=True, slots=True)
class Choice:
    """One topic and the present answer."""

    topic: Topic
    subscribed: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Who a message went to, and their choices on its channel. `topic` is the one the message was about.

    Behind a test there is nobody: it went to a marketer, whose answers are not the customer's.
    """

    profile_id: int
    channel: str
    channel_label: str
    topic: Topic
    choices: Sequence[Choice]
    workspace: Workspace
    is_test: bool

    @property
    def subscribed(self) -> bool:
        """To the topic of the message."""
        return any(choice.subscribed for choice in self.choices if choice.topic == self.topic)


def of_message(message_id: int) -> Person | None:
    """None: the message is gone."""
    message = Message.objects.filter(pk=message_id).first()
    if message is None:
        return None
    profile = Profile.objects.filter(pk=message.profile_id).first()
    profile_id = (profile.merged_into_id or profile.pk) if profile else message.profile_id
    fallback = default_topic()
    topics = {topic.pk: topic for topic in Topic.objects.filter(transactional=False)}
    with connection.cursor() as cursor:
        wanted: dict[str, Any] = {"ids": [profile_id], "topics": list(topics), "channel": message.channel}
        cursor.execute(SQL["consents"], wanted)
        said = {row[1]: row[2] for row in cursor.fetchall()}
    return Person(
        profile_id=profile_id,
        channel=message.channel,
        channel_label=str(channels()[message.channel].label),
        topic=topics.get(message.topic_id or 0, fallback),
        choices=[Choice(topic, said.get(pk, topic.default_subscribed)) for pk, topic in topics.items()],
        workspace=Workspace.get(),
        is_test=message.enrollment_id is None,
    )


def choose(person: Person, on: set[int], now: datetime) -> int:
    """Keep the answers that differ from what holds. Returns how many."""
    if person.is_test:
        return 0
    words = [
        Word(person.profile_id, choice.topic.pk, person.channel, choice.topic.pk in on, "preference page")
        for choice in person.choices
        if (choice.topic.pk in on) != choice.subscribed
    ]
    with transaction.atomic():
        return say(words, now)
