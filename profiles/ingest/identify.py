"""Who is speaking: the people of a batch, joined by their identities, one call after the other, in plain Python.

Nothing here touches the database. The caller loads and locks the people that the batch names, lets `Crowd` take the
calls in order, and writes down what came of it. So a batch of 500 means the same as 500 batches of one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from profiles.ingest.attributes import clean
from profiles.ingest.decode import Call
from profiles.ingest.describe import described
from profiles.ingest.identifiers import Identifier, all_identifiers, identifiers
from profiles.ingest.person import NEW, AttributeChange, Grouped, Joined, Person, Refusal, Side, Standing
from profiles.ingest.rules import WARNINGS, rule


class Crowd:
    """The people a batch speaks of. Rules of joining, with `profiles.ingest.rules`:

    - an identity leads to its person, unless that person has another user id;
    - two people are one when a call names both and at most one of them has a user id;
    - only an alias from one user id to another joins two people who both have one;
    - values that name nobody, devices of several people, pairs taken apart, and what is over a limit join nobody.
    The survivor is who has the user id, else another identity than a visitor's, else the older; for an alias, who it
    leads to.
    """

    def __init__(
        self, people: Iterable[Person], owners: Mapping[Identifier, Person], standing: Standing | None = None
    ) -> None:
        standing = standing or Standing()
        self.people = list(people)
        self.owners = dict(owners)
        self.limits = standing.limits
        self.met = {one: set(values) for one, values in standing.met.items()}
        self.apart = standing.apart
        self.added: dict[Identifier, Person] = {}
        self.moved: set[Identifier] = set()  # known identities that have another owner now, or have met somebody
        self.lost: set[tuple[int, str]] = set()  # (row, kind) of those who had one of these
        self.merges: list[Joined] = []
        self.changes: list[AttributeChange] = []
        self.refusals: list[Refusal] = []
        self.groups: list[Grouped] = []
        self.warnings: list[str] = []
        self._call = 0
        self._somebody: set[Identifier] = set()  # known to name somebody

    def take(self, place: int, call: Call) -> Person | None:
        """Let one call in: find its person, join what it joins, apply what it says. None: it names nobody."""
        self._call = place
        self.warnings = []
        person = self._known(call) or self._found(call)
        if person is None:
            return None
        self._describe(person, call)
        if call.group_id:
            self._group(person, call, call.group_id)
        person.first = min(person.first or call.occurred_at, call.occurred_at)
        person.last = max(person.last or call.occurred_at, call.occurred_at)
        person.calls.append(place)
        return person

    def _known(self, call: Call) -> Person | None:
        """Where all that the call names has led to one person before, there is nothing to join: as nearly always."""
        if call.previous_id:
            return None
        person = None
        for one in all_identifiers(call):
            owner = self._owner(one)
            if owner is None or one not in self._somebody or one in self.met or (person and owner is not person):
                return None
            person = owner
        return person

    def _found(self, call: Call) -> Person | None:
        said = [one for one in identifiers(call) if self._names(one)]
        user_id, previous_id = self._user_id(call.user_id), self._user_id(call.previous_id)
        said = self._without_shared(said, user_id)
        if user_id is None and not said:
            return None
        person = self._aliased(previous_id, user_id) if user_id and previous_id else self._named(user_id, said)
        for one in said:
            person = self._join(person, one)
        return person

    def tell(self, place: int, person: Person, values: Mapping[str, Any], noted: Iterable[Identifier]) -> None:
        """Something is known of this person: attributes, and identities that lead to nobody and join nobody."""
        self._call = place
        for name, value in values.items():
            self._set(person, name, value)
        for one in noted:
            if self._names(one):
                self._own(person, one)

    def _names(self, one: Identifier) -> bool:
        if one in self._somebody:
            return True
        if not self.limits.names_nobody(one.kind, one.value):
            self._somebody.add(one)
            return True
        why = "address" if one.kind in ("email", "phone") else "blocked"
        self.warnings.append(f"{one.kind}: {WARNINGS[why]}")
        return False

    def _user_id(self, value: str | None) -> str | None:
        return value if value and self._names(Identifier("user_id", value)) else None

    def _without_shared(self, said: list[Identifier], user_id: str | None) -> list[Identifier]:
        """A device of several people names nobody beside something that does; alone it is a visitor of its own."""
        named = bool(user_id) or any(not self._shared(one) for one in said)
        if not named:
            return said[:1]
        kept = [one for one in said if not self._shared(one)]
        self.warnings += [f"{one.kind}: {WARNINGS['shared']}" for one in said if self._shared(one)]
        return kept

    def _shared(self, one: Identifier) -> bool:
        met = self.met.get(one)
        return met is not None and rule(one.kind).shareable and len(met) + 1 >= self.limits.shared_after

    def _owner(self, one: Identifier) -> Person | None:
        owner = self.owners.get(one)
        return owner.now() if owner else None

    def _named(self, user_id: str | None, said: list[Identifier]) -> Person:
        """The person of a call: by user id, else by whatever leads to somebody whom that user id does not exclude."""
        person = self._owner(Identifier("user_id", user_id)) if user_id else None
        if person is None:
            for one in said:
                owner = self._owner(one)
                if owner and self._shared(one) and owner.user_ids:
                    self._move(one, person := self._newcomer())
                    return person
                if owner and not (user_id and owner.user_ids):
                    person = owner
                    break
        person = person or self._newcomer()
        if user_id:
            self._own(person, Identifier("user_id", user_id))
        return person

    def _aliased(self, previous_id: str, user_id: str) -> Person:
        """An alias leads from a user id, or from an anonymous id that is not somebody else's, to a user id."""
        before, by = Identifier("user_id", previous_id), Identifier("user_id", user_id)
        target, source = self._owner(by), self._owner(before)
        if source is None:
            visitor = Identifier("anonymous_id", previous_id)
            source = self._owner(visitor)
            if source:
                before = visitor
            if source and source is not target and source.user_ids:
                self._refuse(source, target, visitor, "known", "previousId")
                source = target or self._newcomer()
        if source is None:
            source = target or self._newcomer()
            self._own(source, before)
            self._own(source, Identifier("anonymous_id", previous_id))
        if not target or target is source:
            return self._own(source, by)
        reason = self._obstacle(target, source, before)
        if reason:
            self._refuse(target, source, before, reason, "previousId")
            return target
        return self._merge(target, source, before)

    def _newcomer(self) -> Person:
        person = Person(order=NEW + len(self.people), came=self._call)
        self.people.append(person)
        return person

    def _own(self, person: Person, one: Identifier) -> Person:
        """The identity is this person's, if it is nobody's and there is room for it."""
        if one in self.owners:
            return person
        values = person.held.setdefault(one.kind, set())
        if len(values) >= self.limits.most_of(one.kind):
            self._refuse(person, None, one, "most")
            return person
        values.add(one.value)
        self.owners[one] = self.added[one] = person
        return person

    def _join(self, person: Person, one: Identifier) -> Person:
        owner = self._owner(one)
        if owner is None:
            return self._own(person, one)
        if owner is person:
            return person
        reason = "known" if owner.user_ids and person.user_ids else self._obstacle(person, owner, one)
        if not reason:
            first, second = sorted((person, owner), key=lambda who: who.rank)
            return self._merge(first, second, one)
        if reason == "known":
            self._met(one, person)
            if rule(one.kind).follows:
                self._move(one, person)
                return person
        self._refuse(person, owner, one, reason)
        return person

    def _obstacle(self, person: Person, owner: Person, one: Identifier) -> str:
        """Why two people are not made one; empty: they are."""
        if self.apart and self._apart(person, owner, one):
            return "apart"
        if person.merges + owner.merges >= self.limits.merges_a_day:
            return "merges"
        for kind, values in owner.held.items():
            if len(values) + len(person.held.get(kind, ())) > self.limits.most_of(kind):
                return "most"
        return ""

    def _apart(self, person: Person, owner: Person, one: Identifier) -> bool:
        return any(
            (first.row, second.row, one) in self.apart
            for first in (person, *person.absorbed)
            for second in (owner, *owner.absorbed)
        )

    def _met(self, one: Identifier, person: Person) -> None:
        """A device that comes with somebody else's user id may be shared: remember with whom."""
        if not rule(one.kind).shareable:
            return
        met = self.met.setdefault(one, set())
        if met.isdisjoint(person.user_ids) and len(met) < self.limits.shared_after:
            met.add(min(person.user_ids))
            self.moved.add(one)

    def _move(self, one: Identifier, person: Person) -> None:
        owner = self._owner(one)
        if owner:
            owner.held[one.kind].discard(one.value)
            if owner.row is not None:
                self.lost.add((owner.row, one.kind))
        person.held.setdefault(one.kind, set()).add(one.value)
        self.owners[one] = person
        if one in self.added:
            self.added[one] = person
        else:
            self.moved.add(one)

    def _refuse(self, person: Person, other: Person | None, one: Identifier, reason: str, said: str = "") -> None:
        self.warnings.append(f"{said or one.kind}: {WARNINGS[reason]}")
        self.refusals.append(Refusal(self._call, person, other, one, reason))

    def _merge(self, survivor: Person, loser: Person, by: Identifier) -> Person:
        """Two are one: the survivor keeps what it has, and gets what it has not."""
        place = len(self.merges)
        names = sorted(Identifier(kind, value) for kind, values in loser.held.items() for value in values)
        mine, theirs = (
            Side([one, *one.absorbed], dict(one.attributes), one.first, one.last) for one in (survivor, loser)
        )
        self.merges.append(
            Joined(self._call, by, survivor, loser, mine, theirs, names, list(loser.calls), list(loser.changes))
        )
        for name, value in loser.attributes.items():
            if name not in survivor.attributes:
                self._set(survivor, name, value, place)
        for kind, values in loser.held.items():
            survivor.held.setdefault(kind, set()).update(values)
        survivor.merges += loser.merges + 1
        survivor.first = min((at for at in (survivor.first, loser.first) if at), default=None)
        survivor.last = max((at for at in (survivor.last, loser.last) if at), default=None)
        survivor.calls += loser.calls
        survivor.changes += loser.changes
        survivor.absorbed += [loser, *loser.absorbed]
        loser.into = survivor
        return survivor

    def _describe(self, person: Person, call: Call) -> None:
        if not (call.traits or call.hints or call.group_id):
            # Each call of a visit has the same context, which has nothing to add until something changes.
            told = (call.context, len(person.changes))
            if told[0] is None or person.told == told:
                return
            person.told = told
        values, warnings = described(call, person.attributes)
        self.warnings += warnings
        for name, value in values.items():
            self._set(person, name, value)

    def _group(self, person: Person, call: Call, key: str) -> None:
        if not self._names(Identifier("group_id", key)):
            return
        values, warnings = clean(call.properties.get("traits") or {})
        self.warnings += warnings
        self.groups.append(Grouped(person, key, values, call.occurred_at))

    def _set(self, person: Person, name: str, value: Any, merge: int | None = None) -> None:
        old = person.attributes.get(name)
        if old == value and type(old) is type(value) and (name in person.attributes or value is None):
            return
        if value is None:
            person.attributes.pop(name, None)
        else:
            person.attributes[name] = value
        person.changed = True
        person.changes.append(len(self.changes))
        self.changes.append(AttributeChange(self._call, person, name, old, value, merge))
