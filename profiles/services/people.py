"""What marketers change about a person by hand."""

from datetime import datetime
from typing import Any

from omnichannel.accounts.models import User
from profiles.ingest import update_attributes
from profiles.models import Profile, Topic
from profiles.services.consent import Word, say


def set_attribute(profile: Profile, name: str, value: Any, *, by: User, now: datetime) -> bool:
    """Set one attribute, or remove it (None). Whether anything changed."""
    return bool(update_attributes({profile.pk: {name: value}}, now, source=f"user:{by.pk}"))


def set_consent(profile: Profile, topic: Topic, channel: str, *, subscribed: bool, by: User, now: datetime) -> bool:
    """Write down the person's answer to a topic on one channel (empty: on all). Whether anything changed."""
    return bool(say([Word(profile.pk, topic.pk, channel, subscribed, f"user:{by.pk}")], now))
