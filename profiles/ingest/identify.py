"""Who is speaking: the people of a batch, joined by their identities, one call after the other, in plain Python.

Nothing here touches the database. The caller loads and locks the people that the batch names, lets `Crowd` take the
calls in order, and writes down what came of it. So a batch of 500 means the same as 500 batches of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from profiles.ingest.attributes import clean, email_identity, is_zone, phone_identity, snake
from profiles.ingest.decode import Call

NEW = 1 << 62  # people without a row yet are younger than all who have one


class Identifier(NamedTuple):
    """One identifier: its kind and value name one person."""

    kind: str
    value: str


@dataclass(eq=False, slots=True)
class Person:
    """One person while a batch is worked on. `row` is None as long as there is no profile row."""

    order: int
    row: int | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    user_ids: set[str] = field(default_factory=set)
    changed: bool = False
    first: datetime | None = None
    last: datetime | None = None
    into: "Person | None" = None

    def now(self) -> "Person":
        """Who this person has become."""
        person = self
        while person.into is not None:
            person = person.into
        return person


class AttributeChange(NamedTuple):
    """One attribute of one person got another value; `call` is the place of the call that did it."""

    call: int
    person: Person
    name: str
    old: Any
    new: Any


def contacts(call: Call) -> list[Identifier]:
    """E-mail and phone that the call tells of."""
    found = []
    for traits in (call.traits, call.hints):
        for given, value in traits.items():
            name = snake(given)
            address = email_identity(value) if name == "email" else phone_identity(value) if name == "phone" else None
            if address is not None:
                found.append(Identifier(name, address))
    return found


def identifiers(call: Call) -> list[Identifier]:
    """Everything in the call that may name a person."""
    found = contacts(call)
    if call.user_id:
        found.append(Identifier("user_id", call.user_id))
    if call.anonymous_id:
        found.append(Identifier("anonymous_id", call.anonymous_id))
    if call.previous_id:
        found += [Identifier("user_id", call.previous_id), Identifier("anonymous_id", call.previous_id)]
    return found


class Crowd:
    """The people a batch speaks of. Rules of joining:

    - an anonymous id, e-mail or phone leads to its person, unless that person has another user id;
    - two people are one when a call names both and at most one of them has a user id;
    - only an alias from one user id to another joins two people who both have one.
    The survivor is who has the user id, else the older; for an alias, who it leads to.
    """

    def __init__(self, people: Iterable[Person], owners: Mapping[Identifier, Person]) -> None:
        self.people = list(people)
        self.owners = dict(owners)
        self.added: dict[Identifier, Person] = {}
        self.merges: list[tuple[int, Person]] = []
        self.changes: list[AttributeChange] = []
        self.warnings: list[str] = []
        self._call = 0

    def take(self, place: int, call: Call) -> Person:
        """Let one call in: find its person, join what it joins, apply what it says."""
        self._call = place
        self.warnings = []
        if call.user_id and call.previous_id:
            person = self._aliased(call.previous_id, call.user_id)
        else:
            person = self._named(call)
        if call.anonymous_id:
            person = self._join(person, Identifier("anonymous_id", call.anonymous_id))
        for contact in contacts(call):
            person = self._join(person, contact)
        self._describe(person, call)
        person.first = min(person.first or call.occurred_at, call.occurred_at)
        person.last = max(person.last or call.occurred_at, call.occurred_at)
        return person

    def _owner(self, kind: str, value: str | None) -> Person | None:
        owner = self.owners.get(Identifier(kind, value)) if value else None
        return owner.now() if owner else None

    def _named(self, call: Call) -> Person:
        """The person of a call: by user id, else by whatever leads to somebody whom that user id does not exclude."""
        person = self._owner("user_id", call.user_id)
        if person is None:
            leads = [Identifier("anonymous_id", call.anonymous_id)] if call.anonymous_id else []
            for kind, value in [*leads, *contacts(call)]:
                owner = self._owner(kind, value)
                if owner and not (call.user_id and owner.user_ids):
                    person = owner
                    break
        person = person or self._newcomer()
        if call.user_id:
            self._own(person, Identifier("user_id", call.user_id))
        return person

    def _aliased(self, previous_id: str, user_id: str) -> Person:
        """An alias leads from a user id, or from an anonymous id that is not somebody else's, to a user id."""
        target = self._owner("user_id", user_id)
        source = self._owner("user_id", previous_id)
        if source is None:
            source = self._owner("anonymous_id", previous_id)
            if source and source is not target and source.user_ids:
                self.warnings.append("previousId: not joined: it belongs to somebody with another user id")
                source = target or self._newcomer()
        if source is None:
            source = target or self._newcomer()
            self._own(source, Identifier("user_id", previous_id))
            self._own(source, Identifier("anonymous_id", previous_id))
        person = self._merge(target, source) if target and target is not source else source
        self._own(person, Identifier("user_id", user_id))
        return person

    def _newcomer(self) -> Person:
        person = Person(order=NEW + len(self.people))
        self.people.append(person)
        return person

    def _own(self, person: Person, identifier: Identifier) -> None:
        if identifier not in self.owners:
            self.owners[identifier] = self.added[identifier] = person
        if identifier.kind == "user_id":
            person.user_ids.add(identifier.value)

    def _join(self, person: Person, identifier: Identifier) -> Person:
        owner = self._owner(identifier.kind, identifier.value)
        if owner is None:
            self._own(person, identifier)
            return person
        if owner is person:
            return person
        if owner.user_ids and person.user_ids:
            self.warnings.append(f"{identifier.kind}: not joined: it belongs to somebody with another user id")
            return person
        first, second = sorted((person, owner), key=lambda one: (not one.user_ids, one.order))
        return self._merge(first, second)

    def _merge(self, survivor: Person, loser: Person) -> Person:
        """Two are one. A survivor without a row takes over the loser's, so nothing has to be moved."""
        adopted = survivor.row is None and loser.row is not None
        if adopted:
            survivor.row, survivor.order, survivor.changed = loser.row, loser.order, True
            self._retell(survivor, loser)
        elif loser.row is not None:
            self.merges.append((loser.row, survivor))
        before = loser.attributes if adopted else survivor.attributes
        after = loser.attributes | survivor.attributes
        survivor.attributes = dict(before)
        for name, value in after.items():
            self._set(survivor, name, value)
        survivor.user_ids |= loser.user_ids
        survivor.first = min((at for at in (survivor.first, loser.first) if at), default=None)
        survivor.last = max((at for at in (survivor.last, loser.last) if at), default=None)
        loser.into = survivor
        return survivor

    def _retell(self, survivor: Person, loser: Person) -> None:
        """Who takes over a row takes over its changes; what was told of the survivor is told again, against the row."""
        kept = [change for change in self.changes if change.person is not survivor]
        self.changes = [c._replace(person=survivor) if c.person is loser else c for c in kept]

    def _describe(self, person: Person, call: Call) -> None:
        values, warnings = clean(call.traits)
        self.warnings += warnings
        for name, value in values.items():
            self._set(person, name, value)
        hints = {snake(name): value for name, value in call.hints.items()}
        for name in ("email", "phone"):
            if hints.get(name) is not None and name not in person.attributes:
                self._set(person, name, hints[name])
        if call.context:
            zone, locale = call.context.get("timezone"), call.context.get("locale")
            if is_zone(zone) and "timezone" not in person.attributes:
                self._set(person, "timezone", zone)
            if isinstance(locale, str) and locale and "language" not in person.attributes:
                self._set(person, "language", locale.replace("_", "-").split("-")[0].lower()[:8])
        if call.group_id:
            groups = person.attributes.get("groups")
            groups = groups if isinstance(groups, list) else []
            if call.group_id not in groups:
                self._set(person, "groups", [*groups, call.group_id])

    def _set(self, person: Person, name: str, value: Any) -> None:
        old = person.attributes.get(name)
        if old == value and type(old) is type(value) and (name in person.attributes or value is None):
            return
        if value is None:
            person.attributes.pop(name, None)
        else:
            person.attributes[name] = value
        person.changed = True
        self.changes.append(AttributeChange(self._call, person, name, old, value))
