"""The profile store."""

from profiles.models.change import Change, Interest
from profiles.models.consent import Consent, ConsentChange, Suppression, Topic
from profiles.models.erased import Erased
from profiles.models.event import Event
from profiles.models.history import (
    DeletedSegment,
    LookedAt,
    MembershipClock,
    MembershipEvent,
    SegmentCheck,
    SegmentSize,
    SizeCorrection,
)
from profiles.models.identity import Identity
from profiles.models.note import Note
from profiles.models.people_list import ListEntry, PeopleList
from profiles.models.profile import Profile
from profiles.models.segment import Membership, Segment

__all__ = [
    "Change",
    "Consent",
    "ConsentChange",
    "DeletedSegment",
    "Erased",
    "Event",
    "Identity",
    "Interest",
    "ListEntry",
    "LookedAt",
    "Membership",
    "MembershipClock",
    "MembershipEvent",
    "Note",
    "PeopleList",
    "Profile",
    "Segment",
    "SegmentCheck",
    "SegmentSize",
    "SizeCorrection",
    "Suppression",
    "Topic",
]
