"""People brought in quietly: everything is true of them, segments follow, and no journey starts by it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey
from omnichannel.jobs import work
from omnichannel.jobs.models import Turn
from profiles.models import FileImport, Membership, PeopleList, Segment, Topic
from profiles.segments import membership
from profiles.services import segments
from tests import builders
from tests.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "valkey")]

FILE = b"email,plan\nann@x.example,pro\nben@x.example,free\n"
LATER = NOW + timedelta(minutes=5)
PRO = {"type": "attribute", "field": "plan", "op": "eq", "value": "pro"}


@pytest.fixture
def asked(api_key: str) -> dict[str, Segment]:
    """Segments of every cause a file can be, and one that asks about another; a journey starts from each."""
    listed = PeopleList.objects.create(name="Fair", created_at=NOW)
    Topic.objects.create(slug="news", name="News", default_subscribed=False)
    pro = segments.create("Pro", PRO)
    made = {
        "pro": pro,
        "in pro": segments.create("In pro", {"type": "segment", "segment": pro.pk, "in": True}),
        "listed": segments.create("Listed", {"type": "list", "list": listed.pk, "in": True}),
        "subscribed": segments.create("News", {"type": "consent", "topic": "news", "subscribed": True}),
        "reachable": segments.create("Reachable", {"type": "reachable", "by": "email", "reachable": True}),
    }
    segments.build_all(NOW)
    for name, segment in made.items():
        builders.journey(
            'start: entry_segment(segment=s) -> rest\nrest: delay(amount=9, unit="days") -> end\nend: exit()',
            name,
            s=segment,
        )
    return made


def bring(api_key: str, **more: Any) -> int:
    """Upload the file as a program does, and work it off."""
    columns = [{"name": "email", "to": "email"}, {"name": "plan", "to": "attribute", "attribute": "plan"}]
    listed = PeopleList.objects.get().pk
    plan = {"columns": columns, "keys": ["email"], "topic": "news", "list": listed, **more}
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {api_key}")
    answer = client.post(
        "/api/imports/", {"file": SimpleUploadedFile("people.csv", FILE), "plan": json.dumps(plan)}, format="multipart"
    )
    assert answer.status_code == 201, answer.content
    workers(NOW)
    return int(answer.json()["id"])


def workers(now: datetime) -> None:
    for turn in list(Turn.objects.all()):
        while work.chunk(turn.job_id, now):
            pass
    while membership.take(1000, now) + inbox.take(1000, now) + runner.advance(now):
        pass


def inside(asked: dict[str, Segment]) -> dict[str, int]:
    return {name: Membership.objects.filter(segment=one).count() for name, one in asked.items()}


EVERYBODY = {"pro": 1, "in pro": 1, "listed": 2, "subscribed": 2, "reachable": 2}


def test_segments_follow_and_no_journey_starts(api_key: str, asked: dict[str, Segment]) -> None:
    bring(api_key, quiet=True)
    assert inside(asked) == EVERYBODY
    assert Enrollment.objects.count() == 0
    assert all(one.reason.startswith("quiet:") for one in Membership.objects.all())
    assert "plan changed" in {one.reason_in_words for one in Membership.objects.filter(segment=asked["pro"])}
    # What happens afterwards starts journeys as always.
    builders.calls(builders.identify("u1", email="ben@x.example", plan="pro"), now=LATER)
    workers(LATER)
    assert inside(asked)["pro"] == 2
    names = Enrollment.objects.values_list("journey_id", flat=True)
    assert len(names) == 2  # "pro" and "in pro", for Ben alone


def test_without_the_switch_they_start(api_key: str, asked: dict[str, Segment]) -> None:
    bring(api_key)
    assert inside(asked) == EVERYBODY
    assert Enrollment.objects.count() == sum(EVERYBODY.values())


def test_who_waits_inside_a_journey_is_woken(api_key: str, asked: dict[str, Segment]) -> None:
    builders.calls(builders.identify("u1", email="ann@x.example"))
    workers(NOW)
    before = Enrollment.objects.count()
    bring(api_key, quiet=True)
    assert Enrollment.objects.count() == before
    assert Membership.objects.filter(segment=asked["pro"]).exists()


def test_another_cause_beside_the_file_counts(api_key: str, asked: dict[str, Segment]) -> None:
    """The file and a call of the person stand in the outbox together: the call alone would have started the journey."""
    columns = [{"name": "email", "to": "email"}, {"name": "plan", "to": "attribute", "attribute": "plan"}]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {api_key}")
    plan = {"columns": columns, "keys": ["email"], "quiet": True}
    client.post(
        "/api/imports/", {"file": SimpleUploadedFile("people.csv", FILE), "plan": json.dumps(plan)}, format="multipart"
    )
    for turn in list(Turn.objects.all()):
        while work.chunk(turn.job_id, NOW):
            pass
    builders.calls(builders.identify("u1", email="ann@x.example", plan="free"), builders.identify("u1", plan="pro"))
    workers(NOW)
    assert Enrollment.objects.filter(journey_id=Journey.objects.get(name="pro").pk).count() == 1


def test_the_switch_on_the_page(client_as: Callable[[str], Client], api_key: str, asked: dict[str, Segment]) -> None:
    key = {"start": "no"}
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {api_key}")
    run = client.post(
        "/api/imports/", {"file": SimpleUploadedFile("people.csv", FILE), **key}, format="multipart"
    ).json()
    page = client_as("marketer")
    url = f"/people/import/{run['id']}/"
    assert 'name="quiet"' in page.get(url).content.decode()
    posted = page.post(
        f"{url}choices/", {"quiet": "on", "to-0": "email", "keys": "email"}, headers={"HX-Request": "true"}
    )
    assert "no journey starts" in posted.content.decode()
    assert FileImport.objects.get().plan["quiet"] is True
