"""The pages of segments: who may what, what is saved, what is counted while somebody edits."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from journeys.services.build import create_journey
from profiles.forms.condition import ConditionField, WhereField
from profiles.models import Interest, Segment
from profiles.segments import ast, describe
from profiles.services import segments, usage
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

GERMANS = {"type": "all", "of": [{"type": "attribute", "field": "country", "op": "eq", "value": "DE"}]}
BOUGHT: dict[str, Any] = {"type": "event", "event": "Order Completed", "within": {"amount": 30, "unit": "days"}}
SignedIn = Callable[[str], Client]


@pytest.fixture
def germans(now: datetime) -> Segment:
    builders.profile(country="DE", email="anna@shop.example", first_name="Anna")
    builders.profile(country="DE", phone="+49170")
    builders.profile(country="FR")
    made = segments.create("Germans", GERMANS)
    segments.build_all(now)
    made.refresh_from_db()
    return made


def post(client: Client, page: str, condition: Any, /, *args: Any, **more: Any) -> Any:
    return client.post(reverse(page, args=args), {"name": "Named", "condition": json.dumps(condition)} | more)


@pytest.mark.parametrize("name", ["segment_new", "segment", "segment_duplicate", "segment_delete"])
def test_analysts_read_and_change_nothing(client_as: SignedIn, germans: Segment, name: str) -> None:
    args = () if name == "segment_new" else (germans.pk,)
    assert post(client_as("analyst"), name, GERMANS, *args).status_code == 403
    assert list(Segment.objects.values_list("name", flat=True)) == ["Germans"]
    for page in ("segment", "segment_people", "segment_state"):
        assert client_as("analyst").get(reverse(page, args=[germans.pk])).status_code == 200
    assert Client().get(reverse("segments")).status_code == 302
    assert Client().post(reverse("segment_count")).status_code == 302


def test_saving_listing_and_deleting(client_as: SignedIn, now: datetime) -> None:
    client = client_as("marketer")
    assert b"No segments yet" in client.get(reverse("segments")).content
    answer = post(client, "segment_new", GERMANS, name="Germans", description="For the newsletter")
    made = Segment.objects.get()
    assert answer.url == reverse("segment", args=[made.pk])
    assert (made.condition, made.description, made.state) == (GERMANS, "For the newsletter", "building")
    assert made.created_by is not None and made.created_by.role == "marketer"
    listed = client.get(reverse("segments"), {"q": "newsl"}, headers={"HX-Request": "true"}).content.decode()
    assert "Germans" in listed and "<html" not in listed
    assert (
        "Germans" not in client.get(reverse("segments"), {"q": "zzz"}, headers={"HX-Request": "true"}).content.decode()
    )
    post(client, "segment_duplicate", None, made.pk)
    assert Segment.objects.get(name="Germans (copy)").condition == GERMANS
    post(client, "segment_delete", None, made.pk)
    assert list(Segment.objects.values_list("name", flat=True)) == ["Germans (copy)"]
    assert not Interest.objects.filter(owner=f"segment:{made.pk}").exists()


def test_what_cannot_be_saved_is_said_and_nothing_changes(client_as: SignedIn, germans: Segment) -> None:
    client = client_as("marketer")
    half = {"type": "all", "of": [{"type": "attribute", "field": "country", "op": "eq"}]}
    for condition, text in (
        (half, "Give a value."),
        ({"type": "all", "of": []}, "Add at least one condition."),
        ({"type": "segment", "segment": germans.pk, "in": True}, "It would ask about itself"),
        ({"type": "segment", "segment": 10**6, "in": True}, "asks about a segment that does not exist"),
    ):
        answer = post(client, "segment", condition, germans.pk, name="Germans")
        assert (answer.status_code, text in answer.content.decode()) == (422, True)
    taken = post(client, "segment_new", GERMANS, name="Germans")
    assert "There is another segment of this name." in taken.content.decode()
    germans.refresh_from_db()
    assert (germans.condition, germans.state, Segment.objects.count()) == (GERMANS, "live", 1)


def test_what_is_in_use_is_not_deleted(client_as: SignedIn, germans: Segment, monkeypatch: pytest.MonkeyPatch) -> None:
    use = usage.Use("Welcome", "/journeys/1/", "journey")
    monkeypatch.setattr(usage, "_asked", [lambda ids: {ident: [use] for ident in ids}])
    answer = client_as("marketer").post(reverse("segment_delete", args=[germans.pk]), follow=True)
    assert "Not deleted: it is used by Welcome." in answer.content.decode()
    assert Segment.objects.filter(pk=germans.pk).exists()
    assert "Welcome" in client_as("analyst").get(reverse("segments")).content.decode()


def test_words(germans: Segment) -> None:
    tree = {
        "type": "all",
        "of": [
            BOUGHT | {"count": {"op": "at_least", "n": 3}, "where": [{"field": "total", "op": "gt", "value": 1500}]},
            {"type": "none", "of": [BOUGHT, {"type": "attribute", "field": "first_name", "op": "is_not_set"}]},
            {"type": "segment", "segment": germans.pk, "in": False},
        ],
    }
    assert describe.in_words(ast.parse(tree)) == (
        "did “Order Completed” at least 3 times in the last 30 days where total is more than 1,500"
        " and do not match: (did “Order Completed” in the last 30 days or have no known first name)"
        " and are not in “Germans”"
    )


class Asking(forms.Form):
    condition = ConditionField()
    where = WhereField(event_field="event")


def test_form_fields_validate_and_normalise() -> None:
    form = Asking({"condition": json.dumps(GERMANS), "where": '[{"field":"total","op":"gt","value":"5"}]'})
    assert form.is_valid()
    assert form.cleaned_data == {"condition": GERMANS, "where": [{"field": "total", "op": "gt", "value": 5}]}
    assert Asking({"condition": json.dumps(GERMANS)}).fields["where"].clean("") == []
    broken = Asking({"condition": "", "where": '[{"field":"total","op":"gt"}]'})
    assert broken.errors == {"condition": ["Add at least one condition."], "where": ["Give a number."]}
    drawn = str(Asking(initial={"condition": GERMANS})["condition"])
    assert drawn.startswith('<condition-editor id="id_condition" name="condition" mode="condition" value="{&quot;type')
    assert 'event-field="event"' in str(Asking()["where"])


def test_journeys_say_which_segments_they_use(client_as: SignedIn, germans: Segment, now: datetime) -> None:
    spec = {
        "name": "Welcome",
        "nodes": [
            {"key": "a", "kind": "entry_segment", "config": {"segment": germans.pk}},
            {"key": "b", "kind": "exit", "config": {}},
        ],
        "edges": [{"from": "a", "port": "next", "to": "b"}],
    }
    journey = create_journey(spec, None, now)
    assert usage.uses([germans.pk])[germans.pk] == [usage.Use("Welcome", f"/journeys/{journey.pk}/", "journey")]
    client_as("marketer").post(reverse("segment_delete", args=[germans.pk]))
    assert Segment.objects.filter(pk=germans.pk).exists()
