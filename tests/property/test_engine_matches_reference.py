"""The engine and the reference interpreter agree on random drawings and random lives, with a moving clock."""

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from auditlog.context import disable_auditlog
from django.db import connection, transaction
from django.db.models import Min
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journeys.asking.settling import Settled, settle
from journeys.delivery.facts import SQL as DELIVERY
from journeys.engine import clocks, graph, inbox, runner
from journeys.engine.known import Beside
from journeys.engine.lives import Answered, Became, Blocked, Brought, Did, Item, Joined, Left, Reacted, Said
from journeys.engine.questions import Places
from journeys.models import Edge, Enrollment, EntryClock, Journey, LateTruth, Message, Request, StepRecord, Version
from journeys.registry import node_kinds
from journeys.services.lifecycle import owner
from profiles import ingest
from profiles.models import Change, Event, Membership, PeopleList, Profile, Segment, Topic
from profiles.services import changes
from profiles.services.consent import Word, say
from tests import builders
from tests.conftest import NOW
from tests.property.action_strategies import NOTED
from tests.property.journey_strategies import Drawing, Life, drawings, histories
from tests.property.plain_moves import Plain

Passage = tuple[Any, ...]
# HYPOTHESIS_EXAMPLES=5000 is what the nightly run asks for.
EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "200"))


def lay_out(drawing: Drawing, ids_of: dict[str, int], now: datetime) -> Version:
    """Publish a drawing past the linter: also what no marketer may publish must mean the same to both."""
    journey = Journey.objects.create(name="Random", state=Journey.State.LIVE)
    settled = _with_ids(drawing.settings, ids_of)
    version = Version.objects.create(journey=journey, number=1, state=Version.State.PUBLISHED, **settled)
    ids = {}
    for key, (kind, config) in drawing.nodes.items():
        node = node_kinds()[kind](version=version, key=key)
        for name, value in _with_ids(config, ids_of).items():
            field: Any = node._meta.get_field(name)
            setattr(node, field.attname, field.to_python(value))
        if kind == "send":
            node.template = builders.template()  # type: ignore[attr-defined]
        node.save()
        ids[key] = node.pk
    Edge.objects.bulk_create(
        Edge(version=version, source_id=ids[source], port=port, target_id=ids[target])
        for source, port, target in drawing.edges
    )
    journey.live = version
    journey.save()
    changes.declare("journeys", owner(version.pk), graph.load(version.pk).interests(entries=True))
    clocks.arrange(graph.load(version.pk), now)
    return version


def _with_ids(value: Any, ids_of: dict[str, int]) -> Any:
    """The config with the ids of the test's segment, list and journey where their names stand."""
    if isinstance(value, dict):
        return {
            name: ids_of[name] if name == inner and name in ids_of else _with_ids(inner, ids_of)
            for name, inner in value.items()
        }
    return [_with_ids(inner, ids_of) for inner in value] if isinstance(value, list) else value


def happen(items: list[tuple[Profile, Item]], version: Version, segment: Segment, now: datetime) -> None:
    """Let the product hear of it as it does in life."""
    tracked = []
    joined: list[changes.NewChange | Word] = []
    for person, item in items:
        match item:
            case Did(at, name, properties):
                tracked.append(ingest.TrackRow(person.pk, name, dict(properties), at, uuid4()))
            case Joined():
                Membership.objects.get_or_create(segment=segment, profile=person, defaults={"since": now})
                joined.append(changes.NewChange(person.pk, "entered", str(segment.pk), at=item.at))
            case Left():
                Membership.objects.filter(segment=segment, profile=person).delete()
                joined.append(changes.NewChange(person.pk, "exited", str(segment.pk), at=item.at))
            case Brought(how=how, chain=chain):
                told = {"chain": chain} if chain else {}
                joined.append(changes.NewChange(person.pk, how, str(version.journey_id), data=told, at=item.at))
            case Answered():
                answer(person, item, now)
            case Said(topic=topic, subscribed=subscribed):
                joined.append(Word(person.pk, Topic.objects.get(slug=topic).pk, "", subscribed, "test"))
            case Blocked(kind=kind):
                joined.append(changes.NewChange(person.pk, "suppression", kind, data={"blocked": True}, at=item.at))
            case Became(values=values):
                with transaction.atomic():
                    ingest.update_attributes({person.pk: values}, now, source="test")
            case Reacted():
                tracked += react(person, item, version)
    with transaction.atomic():
        ingest.track(tracked, now)
        tell(joined, now)


def tell(joined: list[changes.NewChange | Word], now: datetime) -> None:
    """In their order."""
    for one in joined:
        if isinstance(one, Word):
            say([one], now)
        else:
            changes.record([one], now)


def react(person: Profile, item: Reacted, version: Version) -> list[ingest.TrackRow]:
    """The last message of the step is opened or clicked, and it is told as an event."""
    sent = Message.objects.filter(profile_id=person.pk, node_id=graph.load(version.pk).ids[item.node_key])
    message = sent.exclude(state="skipped").order_by("created_at", "enrollment_id", "visit").last()
    if message is None:
        return []
    for column in (f"{item.what}_at",) if item.machine else (f"{item.what}_at", f"human_{item.what}_at"):
        if getattr(message, column) is None:
            Message.objects.filter(pk=message.pk).update(**{column: item.at})
    facts = {"message": message.pk, "node": item.node_key} | ({"machine": "agent"} if item.machine else {})
    return [ingest.TrackRow(person.pk, f"Message {item.what.capitalize()}", facts, item.at, uuid4(), kind="message")]


def answer(person: Profile, item: Answered, now: datetime) -> None:
    """To the questions that somebody still waits for."""
    inside = Enrollment.objects.filter(profile_id=person.pk, state=Enrollment.State.ACTIVE)
    for one in inside:
        asked = Request.objects.filter(enrollment_id=one.pk, visit=one.visit, node_key=item.node_key, state="pending")
        for request in asked:
            state = Request.State.ANSWERED if item.ok else Request.State.FAILED
            values = dict(item.value)
            settle([Settled(request.pk, one.pk, 0, state, item.result, None, values)], now)


def in_words(passage: Passage) -> str:
    """For sorting: moments read the same whatever clock they carry."""
    return json.dumps(passage, default=str)


def by_engine(version: Version, people: list[Profile]) -> list[list[Passage]]:
    """What the engine has made of everybody."""
    keys = {ident: node.key for ident, node in graph.load(version.pk).nodes.items()}
    paths, messages, late, asked = (defaultdict[int | None, list[Any]](list) for _ in range(4))
    for step in StepRecord.objects.order_by("visit", "id"):
        stay = (step.entered_at, step.left_at)
        paths[step.enrollment_id].append((step.visit, keys[step.node_id], step.port, step.outcome, *stay))
    for m in Message.objects.filter(node_id__isnull=False).order_by("id"):
        messages[m.enrollment_id].append((keys[m.node_id or 0], m.visit, m.created_at, m.state == "skipped"))
    for truth in LateTruth.objects.order_by("visit"):
        late[truth.enrollment_id].append((truth.visit, truth.at))
    for request in Request.objects.order_by("visit"):
        asked[request.enrollment_id].append((request.visit, request.node_key, request.created_at))
    told: dict[int, list[Passage]] = {person.pk: [] for person in people}
    for one in Enrollment.objects.order_by("id"):
        stands = (one.state, one.reason, keys[one.node_id], one.visit, one.chain)
        moments = (one.entered_at, one.node_entered_at, one.due_at, one.ended_at, one.converted_at)
        told[one.profile_id].append((stands, moments, paths[one.pk], messages[one.pk], late[one.pk], asked[one.pk]))
    return [sorted(passages, key=in_words) for passages in told.values()]


def by_reference(customers: list[Plain]) -> list[list[Passage]]:
    """The same, told by the reference."""
    told = []
    for customer in customers:
        keys = {ident: node.key for ident, node in customer.graph.nodes.items()}
        passages: list[Passage] = []
        for one in customer.passages:
            walk = one.walk
            stands = (walk.state, walk.reason, keys[walk.node_id], walk.visit, walk.chain)
            moments = (walk.entered_at, walk.node_entered_at, walk.due_at, walk.ended_at, one.converted_at)
            path = [
                (step.visit, keys[step.node_id], step.port, step.outcome, step.entered_at, step.left_at)
                for step in customer.taken[walk.enrollment_id]
            ]
            messages = [(m.node_key, m.visit, m.made_at, m.overtaken) for m in one.messages]
            late = [(visit, at) for visit, (at, _) in sorted(one.late.items())]
            asked = [(visit, *question) for visit, question in sorted(customer.asked[walk.enrollment_id].items())]
            passages.append((stands, moments, path, messages, late, asked))
        told.append(sorted(passages, key=in_words))
    return told


@pytest.mark.long
@pytest.mark.django_db
@settings(
    max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None
)
@given(data=st.data())
def test_engine_and_reference_agree(data: st.DataObject) -> None:
    drawing = data.draw(drawings())
    moments, lives = data.draw(histories(drawing))
    with disable_auditlog(), transaction.atomic():
        compare(drawing, moments, lives)
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("later", [[], [timedelta(days=1)], [timedelta(days=1, seconds=1)]])
def test_a_message_leaves_only_after_the_walk_that_made_it(later: list[timedelta]) -> None:
    """Who came in by a late event: their time to open counts from that event until the message is known to be sent."""
    drawing = Drawing(
        nodes={
            "start": ("entry_event", {"event": "Viewed", "where": []}),
            "n0": ("send", {}),
            "n1": ("opened", {"send_key": "n0", "counts": "opened", "amount": 1, "unit": "days"}),
        },
        edges=[("start", "next", "n0"), ("n0", "next", "n1")],
        settings={"reentry": "always"},
    )
    moments = [NOW, NOW + timedelta(seconds=1), *(NOW + gap for gap in later)]
    viewed = Did(moments[1] - timedelta(milliseconds=300), "Viewed", {})
    compare(drawing, moments, [Life({}, {1: [viewed]})])


@pytest.mark.django_db
def test_of_reactions_that_become_known_together_the_earlier_is_the_late_truth() -> None:
    drawing = Drawing(
        nodes={
            "start": ("entry_event", {"event": "Viewed", "where": []}),
            "n0": ("send", {}),
            "n1": ("opened", {"send_key": "n0", "counts": "opened", "amount": 1, "unit": "minutes"}),
        },
        edges=[("start", "next", "n0"), ("n0", "next", "n1")],
        settings={"reentry": "once"},
    )
    moments = [NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2)]
    opened = Reacted(moments[2] - timedelta(seconds=1), "n0", "opened")
    clicked = Reacted(moments[2] - timedelta(minutes=20), "n0", "clicked")
    compare(drawing, moments, [Life({}, {0: [Did(NOW, "Viewed", {})], 2: [opened, clicked]})])


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["09:00", "23:30"])
def test_entries_that_are_days_late_call_in_the_order_of_their_moments(first: str) -> None:
    """Whoever is called by two of them comes in by the earlier one, although each is made up for in one go."""
    dates = {
        "attribute": "born",
        "offset": 0,
        "side": "before",
        "offset_unit": "days",
        "clock": "ours",
        "segment": None,
    }
    second = {"09:00": "23:30", "23:30": "09:00"}[first]
    drawing = Drawing(
        nodes={
            "e0": ("entry_date", dates | {"yearly": True, "at": first}),
            "e1": ("entry_date", dates | {"yearly": False, "at": second}),
            "n0": ("delay", {"amount": 1, "unit": "days"}),
        },
        edges=[("e0", "next", "n0"), ("e1", "next", "n0")],
        settings={"reentry": "after_end"},
    )
    born = (NOW + timedelta(days=3)).date().isoformat()
    compare(drawing, [NOW, NOW + timedelta(days=6)], [Life({"born": born}, {})])


@pytest.mark.django_db
def test_of_two_stays_of_one_person_the_one_that_is_due_earlier_goes_on_first() -> None:
    """Both are made up for at once, days late; the later stay has clicked, so that it was due before the other."""
    drawing = Drawing(
        nodes={
            "start": ("entry_event", {"event": "Viewed", "where": []}),
            "n0": ("send", {}),
            "n1": ("opened", {"send_key": "n0", "by_people": True, "counts": "clicked", "amount": 1, "unit": "days"}),
            "n2": ("start_journey", {"journey": "journey"}),
        },
        edges=[("start", "next", "n0"), ("n0", "next", "n1"), ("n1", "opened", "n2"), ("n1", "not_opened", "n2")],
        settings={"reentry": "always"},
    )
    moments = [NOW + gap for gap in (timedelta(0), timedelta(seconds=1), timedelta(seconds=2), timedelta(days=6))]
    viewed = {n: [Did(moments[n], "Viewed", {})] for n in (0, 1)}
    compare(drawing, moments, [Life({}, viewed | {2: [Reacted(moments[2], "n0", "clicked")]})])


def leave(now: datetime) -> None:
    """What waits is sent, but for what the delivery would hold back."""
    pending = Message.objects.filter(state="pending")
    ids = list(pending.values_list("pk", flat=True))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(DELIVERY["overtaken"], {"ids": ids})
        overtaken = [row[0] for row in cursor.fetchall()]
    if overtaken:
        pending.filter(pk__in=overtaken).update(state="skipped")
    pending.update(state="sent", sent_at=now)


def next_turn(before: datetime) -> datetime | None:
    """When an entry by the clock calls next, before this moment."""
    found: datetime | None = EntryClock.objects.filter(due_at__lt=before).aggregate(at=Min("due_at"))["at"]
    return found


def live_together(customers: list[Plain], now: datetime) -> None:
    """Everybody goes on: first come first served, where places are few."""
    called = [(calling, n) for n, customer in enumerate(customers) for calling in customer.callings(now)]
    for calling, n in sorted(called):
        customers[n].come(calling, now)
    for customer in customers:
        customer.go_on(now)
    # All that becomes known at one moment is taken at once, as the reference does; people move in small batches.
    while inbox.take(1000, now) or clocks.follow(now, 2) or runner.advance(now, 3):
        leave(now)


def compare(drawing: Drawing, moments: list[datetime], lives: list[Life]) -> None:
    """Live the same lives twice."""
    segment = Segment.objects.create(name="Some", state=Segment.State.LIVE, built_at=moments[0])
    listed = PeopleList.objects.create(name="Some", created_at=moments[0])
    other = Journey.objects.create(name="Other")
    changes.declare("test", "test", [("started", str(other.pk))])
    version = lay_out(drawing, {"segment": segment.pk, "list": listed.pk, "journey": other.pk}, moments[0])
    people = [builders.profile(moments[0], **life.attributes) for life in lives]
    Topic.objects.get_or_create(slug="marketing", defaults={"name": "Marketing"})
    Topic.objects.create(slug="news", name="News", default_subscribed=False)
    beside = Beside(topics={one.slug: one.default_subscribed for one in Topic.objects.filter(transactional=False)})
    customers = [
        Plain(graph.load(version.pk), person.pk, life.attributes, beside)
        for person, life in zip(people, lives, strict=True)
    ]
    places = Places()
    for customer in customers:
        customer.places = places
    for number, now in enumerate(moments):
        if drawing.settings.get("entry_total"):
            # Who comes first matters, so that no two turns of the clock are made up for at once.
            for turn in iter(partial(next_turn, now), None):
                live_together(customers, turn)
        for person, customer, life in zip(people, customers, lives, strict=True):
            # What joins a segment is told after what was done: segments follow the profiles.
            told_last = Joined | Left | Said | Blocked | Brought
            mine = sorted(life.items.get(number, []), key=lambda item: isinstance(item, told_last))
            mine = [replace(item, segment=segment.pk) if isinstance(item, Joined | Left) else item for item in mine]
            customer.hear(mine, now)
            if mine:
                happen([(person, item) for item in mine], version, segment, now)
        live_together(customers, now)
    assert by_engine(version, people) == by_reference(customers)
    kept = Profile.objects.in_bulk([person.pk for person in people])
    assert [kept[person.pk].attributes for person in people] == [customer.attributes for customer in customers]
    on = by_person(listed.entries.values_list("profile_id", "at"))
    assert [set(on[person.pk]) for person in people] == [set(customer.lists.values()) for customer in customers]
    told = Event.objects.filter(kind="journey").order_by("pk")
    noted = by_person((one.profile_id, (one.name, one.occurred_at, one.properties)) for one in told)
    assert [noted[person.pk] for person in people] == [
        [(one.name, one.at, one.properties) for one in customer.done(NOTED)] for customer in customers
    ]
    started = by_person(Change.objects.filter(consumer="test").order_by("pk").values_list("profile_id", "at"))
    assert [started[person.pk] for person in people] == [[at for at, _ in one.started] for one in customers]


def by_person(rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    """What belongs to each, in order."""
    found = defaultdict(list)
    for person, value in rows:
        found[person].append(value)
    return found
