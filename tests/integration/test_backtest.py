"""A drawing over what really happened: numbers by card, by day, by person; and nothing is done to anybody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from journeys.engine import inbox, runner
from journeys.engine.replay import Assumed
from journeys.models import Enrollment, Journey, Message, StepRecord, Wished
from journeys.queries import counts
from journeys.reports.replayed import Sums
from journeys.services import backtest, drafts, lifecycle
from omnichannel.jobs import work
from omnichannel.jobs.models import Job
from profiles import ingest
from profiles.models import Event, Membership, PastMembership, Profile, Segment
from profiles.services import changes
from profiles.services.changes import NewChange
from tests import builders
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
NOBODY = Assumed()
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WELCOME = """
    start: entry_event(event="Signed Up", where=trial) -> who
    who: audience(condition=germans) yes -> mail, no -> out
    mail: send(template="Welcome") -> read
    read: opened(send_key="mail", amount=1, unit="days") opened -> hold, not_opened -> out
    hold: wait_event(event="Bought", amount=2, unit="days") happened -> out, timed_out -> mail2
    mail2: send(template="Reminder") -> out
    out: exit()
"""
TRIAL = [{"field": "plan", "op": "eq", "value": "trial"}]
GERMANS = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}


def did(person: Profile, name: str, ago: timedelta, **properties: Any) -> None:
    builders.event(person, name, NOW - ago, **properties)


def run(journey: Journey, days: int = 30, assumed: Assumed = NOBODY) -> Job:
    job = backtest.start(journey, days, assumed, by=None, now=NOW)
    while work.chunk(job.pk, NOW):
        pass
    job.refresh_from_db()
    return job


def drawn(drawing: str = WELCOME, **given: Any) -> Journey:
    goal = {"goal_event": "Bought", "goal_window_hours": 48}
    return builders.journey(drawing, publish=False, trial=TRIAL, germans=GERMANS, settings=goal, **given)


def test_what_would_have_happened(now: datetime) -> None:
    buyer = builders.profile(country="DE", email="ada@shop.example")
    did(buyer, "Signed Up", 10 * DAY, plan="trial")
    did(buyer, "Bought", 9 * DAY)
    idle = builders.profile(country="DE", email="bob@shop.example")
    did(idle, "Signed Up", 5 * DAY, plan="trial")
    mute = builders.profile(country="DE")
    did(mute, "Signed Up", 5 * DAY, plan="trial")
    abroad = builders.profile(country="FR", email="eve@shop.example")
    did(abroad, "Signed Up", 5 * DAY, plan="trial")
    paying, early = builders.profile(country="DE"), builders.profile(country="DE")
    did(paying, "Signed Up", 5 * DAY, plan="pro")
    did(early, "Signed Up", 40 * DAY, plan="trial")
    job = run(drawn(), assumed=Assumed(opened=100, clicked=0))
    assert (job.state, job.done, job.total, job.error) == (Job.State.DONE, 5, 5, "")
    assert (job.result["people"], job.result["entries"]) == (4, 4)
    assert job.result["nodes"] == {
        "start": {"entered": 4, "left": 4, "port:next": 4, "started": 4, "completed": 4, "converted": 1},
        "who": {"entered": 4, "left": 4, "port:yes": 3, "port:no": 1},
        "mail": {"entered": 3, "left": 3, "port:next": 3, "sent": 2, "opened": 2, "human_opened": 2, "clicked": 0}
        | {"skipped:no_address": 1},
        "read": {"entered": 3, "left": 3, "port:opened": 2, "port:not_opened": 1},
        "hold": {"entered": 2, "left": 2, "port:happened": 1, "port:timed_out": 1},
        "mail2": {"entered": 1, "left": 1, "port:next": 1, "sent": 1, "opened": 1, "human_opened": 1, "clicked": 0},
        "out": {"entered": 4, "left": 4},
    }
    assert job.result["days"] == {"email": {"2026-02-20": 1, "2026-02-25": 1, "2026-02-27": 1}}
    assert job.result["load"] == {"0": 2, "1": 1, "2": 1}
    assert [model.objects.count() for model in (Enrollment, StepRecord, Message)] == [0, 0, 0]
    assert backtest.told(job) == "4 people would have come in, 3 messages would have been sent."


def test_attributes_and_segments_count_as_they_were(now: datetime) -> None:
    segment = Segment.objects.create(name="Some", condition=GERMANS, state=Segment.State.LIVE, built_at=NOW)
    moved = builders.profile(NOW - 20 * DAY, country="DE")
    with transaction.atomic():
        ingest.update_attributes({moved.pk: {"country": "FR"}}, NOW - 3 * DAY, source="identify")
    PastMembership.objects.create(
        segment=segment, profile=moved, since=NOW - 10 * DAY, until=NOW - 3 * DAY, reason="", exit_reason=""
    )
    always = builders.profile(NOW - 60 * DAY, country="DE")
    Membership.objects.create(segment=segment, profile=always, since=NOW - 50 * DAY)
    journey = builders.journey(
        """
        start: entry_segment(segment=some) -> wait
        wait: delay(amount=8, unit="days") -> first
        first: audience(condition=germans) yes -> out, no -> out
        out: exit()
        """,
        publish=False,
        some=segment,
        germans=GERMANS,
    )
    found = run(journey).result
    assert found["people"] == 1
    assert found["nodes"]["first"] == {"entered": 1, "left": 1, "port:no": 1}
    soon = drafts.current(journey).nodes.get(key="wait")
    soon.amount = 1  # type: ignore[attr-defined]
    soon.save()
    drafts.current(journey).save()
    assert run(journey).result["nodes"]["first"] == {"entered": 1, "left": 1, "port:yes": 1}


def test_the_clock_calls_as_it_would_have(now: datetime) -> None:
    for month_day in ("02-25", "02-27", "12-01"):
        builders.profile(birthday=f"1990-{month_day}")
    journey = builders.journey(
        'start: entry_date(attribute="birthday", yearly=True) -> out\nout: exit()', publish=False
    )
    assert run(journey, days=7).result["people"] == 2


def test_a_piece_takes_the_same_number_of_statements_whatever_its_size(now: datetime) -> None:
    journey, counted = drawn(), []
    for more in (1, 2, 40):  # the first time the drawing is read as well
        for _ in range(more):
            person = builders.profile(country="DE", email=f"{uuid4()}@shop.example")
            did(person, "Signed Up", DAY, plan="trial")
            did(person, "Bought", HOUR)
        job = backtest.start(journey, 30, Assumed(50, 10), by=None, now=NOW)
        work.chunk(job.pk, NOW)
        with CaptureQueriesContext(connection) as asked:
            work.chunk(job.pk, NOW)
        counted.append(len(asked))
    assert counted[1] == counted[2]


def test_a_drawing_that_changes_meanwhile_has_no_sum(now: datetime, marketer: Any) -> None:
    journey = drawn()
    did(builders.profile(country="DE"), "Signed Up", DAY, plan="trial")
    job = backtest.start(journey, 30, Assumed(), by=marketer, now=NOW)
    drafts.save_settings(journey, {"reentry": "once"}, by=marketer)
    assert work.chunk(job.pk, NOW) is False
    job.refresh_from_db()
    assert (job.state, job.error) == (
        Job.State.FAILED,
        "The drawing was changed meanwhile. Start it again for what is drawn now.",
    )


def test_the_page_starts_one_and_shows_it(now: datetime, client_as: Callable[[str], Client]) -> None:
    journey = drawn()
    did(builders.profile(country="DE", email="ada@shop.example"), "Signed Up", DAY, plan="trial")
    client = client_as("marketer")
    asked = {"days": "30", "opened": "40", "clicked": "50"}
    assert client.post(f"/journeys/{journey.pk}/backtest/", asked).status_code == 422
    assert client_as("analyst").post(f"/journeys/{journey.pk}/backtest/", asked).status_code == 403
    assert Job.objects.count() == 0
    answer = client.post(f"/journeys/{journey.pk}/backtest/", asked | {"clicked": "5"})
    job = Job.objects.get()
    assert answer.headers["Location"] == f"/journeys/{journey.pk}/backtest/{job.pk}/"
    while work.chunk(job.pk, NOW):
        pass
    page = client_as("analyst").get(answer.headers["Location"]).content.decode()
    assert "If this had run the last 30 days" in page
    told = client.get(f"/api/journeys/{journey.pk}/backtest/{job.pk}/counts").json()
    assert (told["nodes"]["mail"]["sent"], told["nodes"]["who"]["ports"]) == (1, {"yes": 1})
    assert told["untracked"] == ["delivered", "replied"]
    assert client.get(f"/jobs/{job.pk}/").headers["Location"] == answer.headers["Location"]


def test_it_tells_what_the_engine_did(now: datetime) -> None:
    """The same drawing, once live and once over the past: the same ways for everybody."""
    begin = NOW - 8 * DAY
    journey = drawn(WELCOME.replace("opened -> hold, not_opened -> out", "opened -> out, not_opened -> hold"))
    lifecycle.publish(journey, None, begin)
    people = [builders.profile(begin, country="DE" if n % 3 else "FR", email=f"u{n}@shop.example") for n in range(9)]
    agenda = [(begin + (n + 1) * 5 * HOUR, one, "Signed Up", {"plan": "trial"}) for n, one in enumerate(people)]
    agenda += [(begin + DAY + n * 11 * HOUR, one, "Bought", {}) for n, one in enumerate(people) if n % 2]
    agenda += [(begin + 3 * DAY + n * HOUR, one, "Signed Up", {"plan": "trial"}) for n, one in enumerate(people[:4])]
    moments = sorted({at for at, *_ in agenda} | {begin + n * HOUR for n in range(8 * 24 + 1)})
    for at in moments:
        with transaction.atomic():
            ingest.track(
                [ingest.TrackRow(p.pk, name, more, at, uuid4()) for when, p, name, more in agenda if when == at], at
            )
        while inbox.take(1000, at) or runner.advance(at):
            Message.objects.filter(state="pending").update(state="sent", sent_at=at)
    live = counts.per_card(journey.pk, NOW)
    past = counts.of_metrics(run(journey, days=8).result["nodes"])
    assert live["mail2"]["left"] > 1
    names = ("entered", "left", "inside", "ports", "started", "completed", "converted")
    assert {key: [row[name] for name in names] for key, row in past.items()} == {
        key: [row[name] for name in names] for key, row in live.items()
    }


def test_by_api(now: datetime, api_key: str) -> None:
    journey = drawn()
    did(builders.profile(country="DE", email="ada@shop.example"), "Signed Up", DAY, plan="trial")
    api = Client(headers={"authorization": f"Bearer {api_key}"})
    started = api.post(f"/api/journeys/{journey.pk}/backtest/", {"days": 7}, content_type="application/json")
    assert started.status_code == 202
    while work.chunk(started.json()["job"], NOW):
        pass
    told = api.get(f"/api/journeys/{journey.pk}/backtests/{started.json()['job']}/").json()
    assert (told["state"], told["people"], told["load"]) == ("done", 1, {"1": 1})
    assert told["nodes"]["mail"]["sent"] == 1
    assert api.get(f"/api/journeys/{journey.pk}/backtests/999999/").status_code == 404


GATE = """
    start: entry_event(event="Signed Up") -> gate
    gate: rate_gate(people=2, per=3600) -> mail
    mail: send(template="Welcome") -> out
    out: exit()
"""


def crowd(n: int, *, apart: timedelta = timedelta(0)) -> list[Profile]:
    """They sign up two days ago, one after the other."""
    people = [builders.profile(country="DE", email=f"p{number}@shop.example") for number in range(n)]
    for number, person in enumerate(people):
        did(person, "Signed Up", 2 * DAY - number * apart)
    return people


def test_a_gate_lets_as_many_through_as_it_would_have(now: datetime) -> None:
    crowd(7, apart=timedelta(minutes=1))
    journey = builders.journey(GATE, publish=False)
    began = Job.objects.count()
    job = run(journey, days=3)
    at = NOW - 2 * DAY
    assert (job.state, job.result["rough"], Job.objects.count()) == (Job.State.DONE, False, began + 1)
    assert job.result["nodes"]["mail"]["sent"] == 7
    assert (job.done, job.total) == (14, 14)  # everybody had to wait for others: two rounds
    assert not Wished.objects.exists()
    job = run(journey, days=2)  # the first of them is before the first day
    assert (job.result["people"], job.done) == (6, 12)
    for reach, sent in ((58, 2), (60, 4), (120, 6), (180, 7)):
        then = backtest.start(journey, 30, NOBODY, by=None, now=NOW)
        then.params["end"] = (at + timedelta(minutes=reach + 1)).isoformat()
        then.save()
        while work.chunk(then.pk, NOW):
            pass
        then.refresh_from_db()
        assert then.result["nodes"]["mail"].get("sent", 0) == sent, reach


def test_a_limit_for_all_together_and_two_gates_behind_each_other(now: datetime) -> None:
    people = crowd(9, apart=timedelta(seconds=10))
    for person in people:  # whoever found no place comes once more, and finds none
        did(person, "Signed Up", DAY)
    drawing = GATE.replace("-> mail\n    mail", "-> gate2\n    gate2: rate_gate(people=1, per=3600) -> mail\n    mail")
    settings = {"entry_total": 5, "reentry": "once"}
    job = run(builders.journey(drawing, publish=False, settings=settings), days=3)
    assert (job.state, job.result["rough"]) == (Job.State.DONE, False)
    assert (job.result["people"], job.result["entries"]) == (5, 5)
    assert job.result["nodes"]["gate2"] == {"entered": 5, "left": 5, "port:next": 5}
    assert job.result["load"] == {"1": 5}
    assert not Wished.objects.exists()


def test_it_binds_as_it_does_in_the_engine(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same people come into the live journey: who, and when each message was made."""
    settings = {"entry_total": 6}
    live = builders.journey(GATE, settings=settings, at=NOW - 3 * DAY)
    people = crowd(8, apart=timedelta(minutes=7))
    moments = {NOW - 2 * DAY + timedelta(minutes=m) for m in range(200)}
    for at in sorted(moments):
        some = list(Event.objects.filter(occurred_at=at))
        with transaction.atomic():
            changes.record([NewChange(e.profile_id, "event", e.name, e.pk, {}, e.occurred_at) for e in some], at)
        while inbox.take(1000, at) or runner.advance(at, 1000):
            pass
    assert Enrollment.objects.count() == 6 < len(people)
    made = sorted(Message.objects.values_list("profile_id", "created_at"))
    copy = drafts.duplicate(live, "Copy", by=None)
    heard: dict[int, datetime] = {}
    plain = Sums.add

    def listen(sums: Sums, compiled: Any, customers: Any, zone: Any) -> None:
        """The last round counts."""
        customers = list(customers)
        heard.update((c.profile_id, m.made_at) for c in customers for p in c.passages for m in p.messages)
        plain(sums, compiled, customers, zone)

    monkeypatch.setattr(Sums, "add", listen)
    job = run(copy, days=3)
    assert (job.result["entries"], job.result["rough"]) == (6, False)
    assert sorted(heard.items())[:6] == made


def test_answers_from_outside_come_by_the_shares_that_are_given(
    now: datetime, client_as: Callable[[str], Client]
) -> None:
    crowd(40)
    journey = builders.journey(
        """
        start: entry_event(event="Signed Up") -> hook
        hook: webhook(url="https://shop.example/hook") answered -> ask, failed -> out
        ask: task(task="Call", amount=3, unit="days") way_1 -> mail, way_2 -> out, timed_out -> out
        mail: send(template="Welcome") -> out
        out: exit()
        """,
        publish=False,
    )
    none = run(journey, days=3)
    assert none.result["nodes"]["hook"] == {"entered": 40}
    answers = {"hook": {"answered": 60, "failed": 40}, "ask": {"way_1": 50}}
    job = run(journey, days=3, assumed=Assumed(answers=answers))
    hook, ask = job.result["nodes"]["hook"], job.result["nodes"]["ask"]
    assert hook["port:answered"] + hook["port:failed"] == 40
    assert 15 <= hook["port:answered"] <= 33
    assert ask["entered"] == hook["port:answered"]
    assert 0 < ask["port:way_1"] < ask["entered"]
    assert "port:way_2" not in ask
    assert run(journey, days=3, assumed=Assumed(answers=answers)).result == job.result  # the same people always
    with pytest.raises(backtest.CannotBacktestError):
        run(journey, assumed=Assumed(answers={"ask": {"timed_out": 5}}))
    with pytest.raises(backtest.CannotBacktestError):
        run(journey, assumed=Assumed(answers={"hook": {"answered": 60, "failed": 41}}))
    client, url = client_as("marketer"), f"/journeys/{journey.pk}/backtest/"
    page = client.get(url).content.decode()
    assert "“Call a webhook”: of 100 the answer is “Answered”" in page
    given = {"days": 3, "opened": 0, "clicked": 0, "answer-hook-answered": 60, "answer-hook-failed": 60}
    assert "Together they are not more than 100." in client.post(url, given).content.decode()
    assert client.post(url, given | {"answer-hook-failed": 10}).status_code == 302
    assert Job.objects.latest("pk").params["answers"] == {"hook": {"answered": 60, "failed": 10}}


def test_a_rule_for_leaving_early_counts_as_it_would_have(now: datetime) -> None:
    (person,) = crowd(1)
    did(person, "Bought", DAY)
    settings = {"exit_rules": [{"on": "event", "event": "Bought"}]}
    drawing = 'start: entry_event(event="Signed Up") -> wait\nwait: delay(amount=2, unit="days") -> out\nout: exit()'
    job = run(builders.journey(drawing, publish=False, settings=settings), days=3)
    assert job.result["nodes"]["start"]["exited"] == 1
    assert "out" not in job.result["nodes"]
