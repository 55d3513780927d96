"""The profile store."""

from profiles.models.account import Account, AccountMember
from profiles.models.attribute_change import AttributeChange
from profiles.models.change import Change, Interest
from profiles.models.consent import Consent, ConsentChange, Suppression, Topic
from profiles.models.erased import Erased
from profiles.models.event import Event
from profiles.models.file_import import CheckedKey, FileImport, ImportedPerson
from profiles.models.history import (
    DeletedSegment,
    LookedAt,
    MembershipClock,
    PastMembership,
    SegmentCheck,
    SegmentSize,
    SizeCorrection,
)
from profiles.models.identity import Identity, IdentitySettings
from profiles.models.merge import Apart, JoinRefusal, Merge, MergeMoved
from profiles.models.note import Note
from profiles.models.people_list import ListEntry, PeopleList
from profiles.models.profile import LastSeen, Profile
from profiles.models.retention import Forgotten, KeepRule
from profiles.models.segment import Membership, Segment
from profiles.models.segment_draft import SegmentDraft

__all__ = [
    "Account",
    "AccountMember",
    "Apart",
    "AttributeChange",
    "Change",
    "CheckedKey",
    "Consent",
    "ConsentChange",
    "DeletedSegment",
    "Erased",
    "Event",
    "FileImport",
    "Forgotten",
    "Identity",
    "IdentitySettings",
    "ImportedPerson",
    "Interest",
    "JoinRefusal",
    "KeepRule",
    "LastSeen",
    "ListEntry",
    "LookedAt",
    "Membership",
    "MembershipClock",
    "Merge",
    "MergeMoved",
    "Note",
    "PastMembership",
    "PeopleList",
    "Profile",
    "Segment",
    "SegmentCheck",
    "SegmentDraft",
    "SegmentSize",
    "SizeCorrection",
    "Suppression",
    "Topic",
]
