"""The profile store."""

from profiles.models.change import Change, Interest
from profiles.models.consent import Consent, Suppression, Topic
from profiles.models.event import Event
from profiles.models.identity import Identity
from profiles.models.profile import Profile
from profiles.models.segment import Membership, Segment

__all__ = [
    "Change",
    "Consent",
    "Event",
    "Identity",
    "Interest",
    "Membership",
    "Profile",
    "Segment",
    "Suppression",
    "Topic",
]
