"""The profile store."""

from profiles.models.change import Change, Interest
from profiles.models.consent import Consent, ConsentChange, Suppression, Topic
from profiles.models.erased import Erased
from profiles.models.event import Event
from profiles.models.identity import Identity
from profiles.models.note import Note
from profiles.models.people_list import ListEntry, PeopleList
from profiles.models.profile import Profile
from profiles.models.segment import Membership, Segment

__all__ = [
    "Change",
    "Consent",
    "ConsentChange",
    "Erased",
    "Event",
    "Identity",
    "Interest",
    "ListEntry",
    "Membership",
    "Note",
    "PeopleList",
    "Profile",
    "Segment",
    "Suppression",
    "Topic",
]
