"""What marketers change about a person by hand."""

from datetime import datetime
from typing import Any

from omnichannel.accounts.models import User
from profiles.ingest import update_attributes
from profiles.models import Profile


def set_attribute(profile: Profile, name: str, value: Any, *, by: User, now: datetime) -> bool:
    """Set one attribute, or remove it (None). Whether anything changed."""
    return bool(update_attributes({profile.pk: {name: value}}, now, source=f"user:{by.pk}"))
