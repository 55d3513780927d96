"""What can be done to many people at once, and how it is taken back: attributes, answers to topics, lists.

A deed tells whom it would change, does it to a batch through the writers that everybody uses, and gives for each person
it changed what was before.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec
from django.db.models import Exists, JSONField, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext as _

from profiles.ingest import update_attributes
from profiles.ingest.track import hold
from profiles.models import Consent, ListEntry, PeopleList, Profile, Topic
from profiles.services import lists
from profiles.services.consent import Word, say

# Somebody's id and what was before.
Before = tuple[int, Any]


class DeedError(ValueError):
    """It cannot be done; the text says why."""


class Deed(Protocol):
    """One kind of change."""

    def words(self) -> str: ...
    def whom(self, people: QuerySet[Profile]) -> QuerySet[Profile]: ...
    def do(self, ids: Sequence[int], now: datetime, source: str) -> Sequence[Before]: ...
    def undo(self, before: Sequence[Before], now: datetime, source: str) -> int: ...


class Attribute(msgspec.Struct, frozen=True, tag_field="do", tag="attribute"):
    """Set an attribute; None takes it away."""

    name: str
    value: Any

    def words(self) -> str:
        """A sentence."""
        if self.value is None:
            return _("Remove %(name)s") % {"name": self.name}
        shown = {True: _("yes"), False: _("no")}[self.value] if isinstance(self.value, bool) else self.value
        if isinstance(shown, list):
            shown = ", ".join(map(str, shown))
        return _("Set %(name)s to %(value)s") % {"name": self.name, "value": shown}

    def whom(self, people: QuerySet[Profile]) -> QuerySet[Profile]:
        """Those who do not have this value."""
        if self.value is None:
            return people.filter(attributes__has_key=self.name)
        known = people.annotate(was=KeyTransform(self.name, "attributes"))
        return known.filter(~Q(was=Value(self.value, JSONField())) | Q(was__isnull=True))

    def do(self, ids: Sequence[int], now: datetime, source: str) -> Sequence[Before]:
        """Through the one writer of attributes."""
        held = dict(hold(ids).values())
        was = [(pk, held[pk].attributes.get(self.name)) for pk in sorted(held)]
        before = [one for one in was if not _same(one[1], self.value)]
        update_attributes({pk: {self.name: self.value} for pk, _was in before}, now, source)
        return before

    def undo(self, before: Sequence[Before], now: datetime, source: str) -> int:
        """Who has another value by now keeps it."""
        held = hold([pk for pk, _was in before])
        back = {
            pk: was for pk, was in before if pk in held and _same(held[pk][1].attributes.get(self.name), self.value)
        }
        return update_attributes({pk: {self.name: was} for pk, was in back.items()}, now, source)


class Subscription(msgspec.Struct, frozen=True, tag_field="do", tag="subscription"):
    """Subscribe to a topic on every channel, or unsubscribe. Who said no stays unsubscribed."""

    topic: int
    subscribed: bool

    def words(self) -> str:
        """A sentence."""
        name = self._topic().name
        return (_("Subscribe to “%s”") if self.subscribed else _("Unsubscribe from “%s”")) % name

    def whom(self, people: QuerySet[Profile]) -> QuerySet[Profile]:
        """Those whose answer is another one, or none."""
        answers = Consent.objects.filter(profile=OuterRef("pk"), topic=self.topic, channel="")
        return people.exclude(Exists(answers if self.subscribed else answers.filter(subscribed=False)))

    def do(self, ids: Sequence[int], now: datetime, source: str) -> Sequence[Before]:
        """Through the one writer of consents."""
        self._topic()
        answers, people = self._answers(ids)
        before = [
            (pk, answers.get(pk)) for pk in people if answers.get(pk) is None or (answers[pk] and not self.subscribed)
        ]
        say([Word(pk, self.topic, "", self.subscribed, source) for pk, _was in before], now)
        return before

    def undo(self, before: Sequence[Before], now: datetime, source: str) -> int:
        """Who has said something else since stays with it; who had said nothing gets the answer of the topic."""
        default = self._topic().default_subscribed
        answers, _people = self._answers([pk for pk, _was in before])
        back = [(pk, default if was is None else was) for pk, was in before if answers.get(pk) is self.subscribed]
        return say([Word(pk, self.topic, "", answer, source) for pk, answer in back], now)

    def _answers(self, ids: Sequence[int]) -> tuple[dict[int, bool], list[int]]:
        people = sorted({pk for pk, _person in hold(ids).values()})
        rows = Consent.objects.filter(profile__in=people, topic=self.topic, channel="")
        return dict(rows.values_list("profile_id", "subscribed")), people

    def _topic(self) -> Topic:
        topic = Topic.objects.filter(pk=self.topic).first()
        if topic is None:
            raise DeedError(_("This topic was deleted."))
        return topic


class Listing(msgspec.Struct, frozen=True, tag_field="do", tag="list"):
    """Put on a list, or take off it."""

    list: int
    on: bool

    def words(self) -> str:
        """A sentence."""
        return (_("Add to the list “%s”") if self.on else _("Take off the list “%s”")) % self._list().name

    def whom(self, people: QuerySet[Profile]) -> QuerySet[Profile]:
        """Those who are not on it; or who are."""
        entries = Exists(ListEntry.objects.filter(profile=OuterRef("pk"), list=self.list))
        return people.exclude(entries) if self.on else people.filter(entries)

    def do(self, ids: Sequence[int], now: datetime, source: str) -> Sequence[Before]:
        """Through the one writer of lists."""
        people_list = self._list()
        people = {pk for pk, _person in hold(ids).values()}
        there = set(ListEntry.objects.filter(list=self.list, profile__in=people).values_list("profile_id", flat=True))
        changed = sorted(people - there if self.on else there)
        self._put(people_list, changed, now, source, on=self.on)
        return [(pk, not self.on) for pk in changed]

    def undo(self, before: Sequence[Before], now: datetime, source: str) -> int:
        """The other way round."""
        return self._put(self._list(), [pk for pk, _was in before], now, source, on=not self.on)

    def _put(self, people_list: PeopleList, ids: Sequence[int], now: datetime, source: str, *, on: bool) -> int:
        return lists.add(people_list, ids, now, source) if on else lists.remove(people_list, ids, now)

    def _list(self) -> PeopleList:
        found = PeopleList.objects.filter(pk=self.list).first()
        if found is None:
            raise DeedError(_("This list was deleted."))
        return found


def read(given: Any) -> Deed:
    """From JSON."""
    found: Deed = msgspec.convert(given, Attribute | Subscription | Listing)
    return found


def dump(deed: Deed) -> dict[str, Any]:
    """As JSON."""
    found: dict[str, Any] = msgspec.to_builtins(deed)
    return found


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
