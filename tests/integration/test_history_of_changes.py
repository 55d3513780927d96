"""The history of changes reads like sentences: by names instead of numbers, nothing quoted twice, no raw data."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from journeys.models import Template
from journeys.services import drafts, lifecycle
from omnichannel import jobs
from omnichannel.accounts import audit, keys
from omnichannel.accounts.models import ApiKey, User
from profiles.models import Segment
from tests import builders

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    """The newest first, each with its details."""
    lines = audit.entries(audit.filtered())
    return [f"{one.what}{''.join(f' | {a}: {b} → {c}' for a, b, c in one.details)}" for one in lines]


def test_what_happened_to_a_journey_is_a_sentence(now: datetime) -> None:
    journey = builders.journey("start: entry_event(event='A') -> done\ndone: exit()", name="Care “plus” <b>", at=now)
    for days in (1, 2):
        drafts.restore(journey, journey.versions.get(number=1), None)
        lifecycle.publish(journey, None, now + timedelta(days=days))
    lifecycle.go_back(journey, None, now + timedelta(days=3))
    for verb in (lifecycle.pause, lifecycle.resume, lifecycle.archive):
        journey.refresh_from_db()
        verb(journey, None, now)
    assert [line for line in told() if "workspace" not in line] == [
        "archived journey “Care ‘plus’ <b>”",
        "resumed journey “Care ‘plus’ <b>”",
        "paused journey “Care ‘plus’ <b>”",
        "went back to version 2 of journey “Care ‘plus’ <b>”",
        "published version 3 of journey “Care ‘plus’ <b>”",
        "published version 2 of journey “Care ‘plus’ <b>”",
        "published version 1 of journey “Care ‘plus’ <b>”",
        "created journey “Care ‘plus’ <b>”",
    ]


def test_fields_are_told_by_their_names_and_never_as_raw_data(admin: User, now: datetime) -> None:
    template = Template.objects.create(name="Hello", channel="email", content={"subject": "A", "body": "<p>a</p>"})
    template.content = {"subject": "B", "body": "<p>b</p>"}
    template.save()
    segment = Segment.objects.create(name="Big", condition={"all": [{"type": "attribute", "field": "a"}]})
    segment.condition = {"all": []}
    segment.save()
    keys.revoke(ApiKey.issue("Export", ApiKey.Kind.API)[0], by=admin, now=now)
    account = builders.account("smtp")
    account.is_default = False
    account.save()
    admin.is_active = False
    admin.save()
    assert [
        line for line in told() if line.split()[0] in ("let", "took", "revoked", "changed") and "role" not in line
    ] == [
        "let team member “Admin” go",
        "took channel account “smtp” out of use",
        "revoked API key “Export”",
        "changed condition of segment “Big”",
        "changed content of template “Hello” | subject: A → B",
    ]


def test_what_was_started_is_quoted_once(client_as: Callable[[str], Client], admin: User, now: datetime) -> None:
    jobs.start("export", title="“Care calls” over the last 30 days", params={}, by=admin, now=now, details={"a": "b"})
    (line,) = [one for one in audit.entries(audit.filtered()) if one.what.startswith("started")]
    assert line.what == "started: “Care calls” over the last 30 days"
    page = client_as("admin").get("/settings/audit/").content.decode()
    assert "started: “Care calls” over the last 30 days" in page
    assert "a: b<" in page
