"""Journeys as YAML: they come back exactly, bring along what they use, and start from templates."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from journeys.models import Blueprint, Edge, Journey, Node, Template
from journeys.queries import blueprints, exchange
from journeys.queries.document import document
from journeys.services import lifecycle
from journeys.services.blueprints import save_as, start
from journeys.services.build import SpecError
from journeys.services.exchange import bring_in
from journeys.validation import check
from omnichannel.accounts.models import User
from omnichannel.shared import yaml_text
from profiles.models import PeopleList, Segment, Topic
from profiles.services import segments
from tests import builders
from tests.conftest import NOW
from tests.integration.test_management_api import program

pytestmark = pytest.mark.django_db

READY = [one.key for one in blueprints.ready()]
LARGE = """
    start: entry_segment(segment=quiet) -> ask
    ask: audience(condition=tree) yes -> mail, no -> note
    mail: send(template="Hello", topic=news) -> read
    read: opened(send_key="mail", counts="clicked", amount=3, unit="hours") opened -> listed, not_opened -> note
    listed: add_to_list(list=fair) -> done
    note: update_profile(changes=[{"attribute": "a: b", "value": True}, {"attribute": "no", "value": "09:00"}]) -> done
    done: exit(reason="yes")
"""


@pytest.fixture(autouse=True)
def _standing_clock(now: datetime) -> None:
    cache.clear()


def used(**more: Any) -> dict[str, Any]:
    did = {"type": "event", "event": "Bought", "did": True, "count": {"op": "at_least", "n": 1}, "within": None}
    buyers = segments.create("Buyers", {"type": "all", "of": [{**did, "where": []}]})
    asks = [{"type": "segment", "segment": buyers.pk, "in": True}]
    quiet = segments.create("A quiet one: who?", {"type": "all", "of": asks}, description="Has # and\nlines")
    fair = PeopleList.objects.create(name="Fair", created_at=NOW)
    tree = {"type": "any", "of": [*asks, {"type": "list", "list": fair.pk, "in": False}]}
    news = Topic.objects.create(slug="news", name="News", default_subscribed=False)
    return {"quiet": quiet, "fair": fair, "tree": tree, "news": news, **more}


def unordered(journey: Journey) -> dict[str, Any]:
    """The document; in which order lines were drawn does not matter."""
    told = document(journey)
    return told | {"edges": sorted(told["edges"], key=lambda edge: (edge["from"], edge["port"]))}


def clear() -> None:
    """A workspace with none of it."""
    for model in (Edge, Node, Journey, Template, Segment, PeopleList, Topic):
        Journey.objects.update(live=None, draft=None)
        model._default_manager.all().delete()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_it_comes_back_exactly(elsewhere: bool) -> None:
    settings = {"goal_event": "Bought", "goal_where": [{"field": "price", "op": "gte", "value": 5}], "topic": "news"}
    original = builders.journey(LARGE, name="Big: one", settings=settings, **used())
    Node.objects.filter(key="mail").update(name="“Hello” – a name", x=-40)
    text, whole = exchange.text(original), unordered(original)
    if elsewhere:
        clear()
    copied = bring_in(text, None, NOW)
    assert exchange.text(copied) == text
    assert copied.state == Journey.State.DRAFT
    assert Template.objects.count() == PeopleList.objects.count() == 1
    assert Segment.objects.count() == 2
    if not elsewhere:
        assert unordered(copied) == whole
    assert (Topic.objects.get().name, Topic.objects.get().default_subscribed) == ("News", False)


def test_what_has_the_name_and_is_another_is_left_alone() -> None:
    original = builders.journey(LARGE, name="Big", **used())
    text = exchange.text(original)
    Template.objects.update(content={"subject": "Mine", "format": "html", "body": "mine", "text": ""})
    copied = bring_in(text, None, NOW)
    assert sorted(Template.objects.values_list("name", flat=True)) == ["Hello", "Hello 2"]
    assert Template.objects.get(name="Hello").content["body"] == "mine"
    sent = Node.objects.get(version=copied.draft, key="mail")
    assert sent.template.name == "Hello 2"


def test_a_colleague_who_is_not_here_is_left_out(marketer: User) -> None:
    drawing = """
        come: entry_event(event="A") -> call
        call: task(task="Call them", assignee=boss) way_1 -> done, way_2 -> done
        done: exit()
    """
    original = builders.journey(drawing, publish=False, boss=marketer)
    text = exchange.text(original)
    assert "assignee: marketer@shop.example" in text
    assert exchange.text(bring_in(text, None, NOW)) == text
    marketer.delete()
    assert exchange.text(bring_in(text, None, NOW)) == text.replace("marketer@shop.example", "null")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda raw: raw.update(format="journey 9"), "format"),
        (lambda raw: raw.update(colour="red"), "colour"),
        (lambda raw: raw["steps"]["mail"]["with"].update(template="Unknown"), "steps.mail"),
        (lambda raw: raw["steps"]["mail"].update(kind="warp"), "steps.mail"),
        (lambda raw: raw["steps"]["mail"].update(to="nowhere"), "steps"),
        (lambda raw: raw["steps"]["mail"].update(at=[1]), "steps.mail.at"),
        (lambda raw: raw["steps"].update(mail="x"), "steps.mail"),
        (lambda raw: raw["settings"].update(goal_window_hours="soon"), "settings"),
        (lambda raw: raw["uses"]["templates"]["Hello"].update(channel="pigeon"), "uses.templates.Hello.channel"),
        (
            lambda raw: raw["uses"]["segments"]["Buyers"].update(condition={"type": "warp"}),
            "uses.segments.Buyers.condition",
        ),
        (lambda raw: raw.update(name=""), "name"),
        (lambda raw: raw["uses"].update(lists={f"L{n}": {} for n in range(501)}), "uses"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_made(change: Callable[[Any], None], path: str) -> None:
    original = builders.journey(LARGE, name="Big", settings={"goal_event": "Bought"}, **used())
    raw = yaml_text.load(exchange.text(original))
    clear()
    change(raw)
    with pytest.raises(SpecError) as refused:
        bring_in(yaml_text.dump(raw), None, NOW)
    assert refused.value.path == path
    assert not any(model._default_manager.exists() for model in (Journey, Template, Segment, PeopleList))


@pytest.mark.parametrize(
    "text",
    [
        *("", "- a", "a: [", "a: &x 1\nb: *x", "steps: 3", "\0", "name: a\nsettings: {goal_where: 1e999}"),
        *(f"name: {odd}" for odd in ("!!timestamp x", "!!bool x", "!!int ''", "!!set {x}", "!!binary eA==", "!x y")),
        *(f"name: a\nuses: {{topics: {{a: {{name: {text}}}}}}}" for text in (r'"\0"', r'"\ud800"', "[" * 2000)),
        "name: a\nuses: {segments: {a: {condition: !!omap [a: 1]}}}",
        "name: a\nsettings: {a: [" + "1, " * 40_000 + "]}",
    ],
)
def test_what_is_no_journey_is_refused(text: str) -> None:
    with pytest.raises(SpecError):
        bring_in(text, None, NOW)
    assert not any(model._default_manager.exists() for model in (Journey, Topic, Segment))


def test_names_are_texts() -> None:
    assert yaml_text.load("1: a\nno: b\ntrue: c\n~: d") == {"1": "a", "no": "b", "true": "c", "~": "d"}


def test_what_cannot_be_read_says_where_and_why() -> None:
    with pytest.raises(yaml_text.YamlError) as refused:
        yaml_text.load("name: a\nsteps: [1, 2\nuses: }")
    assert str(refused.value) == "Line 3 cannot be read: expected ',' or ']', but got ':'."


def test_there_are_twelve_ready_ones() -> None:
    assert len(READY) == 12
    assert {trade for one in blueprints.ready() for trade in one.trades} == {"shop", "SaaS", "bank", "services"}


@pytest.mark.parametrize("key", READY)
def test_a_ready_one_can_be_published_as_it_is_and_travels(key: str) -> None:
    journey = start(key, None, NOW)
    assert journey.draft is not None
    assert [problem for problem in check(journey.draft) if problem.level == "error"] == []
    for template in Template.objects.all():
        assert template.content["subject"]
    text = exchange.text(journey)
    lifecycle.publish(journey, None, NOW)
    assert exchange.text(bring_in(text, None, NOW)) == text
    assert exchange.text(start(key, None, NOW)) == text


def test_a_journey_is_saved_as_a_template_and_begun_again(client_as: Callable[[str], Client]) -> None:
    journey = builders.journey('come: entry_event(event="A") -> done\ndone: exit()', name="My own")
    client = client_as("marketer")
    client.post(f"/journeys/{journey.pk}/save-as/")
    save_as(journey, None, NOW)
    saved = Blueprint.objects.get()
    page = client.get("/journeys/new/").content.decode()
    assert f'action="/journeys/start/saved-{saved.pk}/"' in page
    assert page.count('class="card start"') == 13
    answer = client.post(f"/journeys/start/saved-{saved.pk}/")
    begun = Journey.objects.latest("pk")
    assert (answer.headers["Location"], begun.name, begun.state) == (f"/journeys/{begun.pk}/", "My own", "draft")
    assert client_as("analyst").post(f"/journeys/start/saved-{saved.pk}/").status_code == 403
    assert client.post("/journeys/start/unknown/").status_code == 404
    assert Journey.objects.count() == 2
    client.post(f"/journeys/start/saved-{saved.pk}/delete/")
    assert not Blueprint.objects.exists()


def test_files_go_out_and_come_in(client_as: Callable[[str], Client]) -> None:
    journey = builders.journey('come: entry_event(event="A") -> done\ndone: exit()', name="Über uns")
    client = client_as("marketer")
    answer = client.get(f"/journeys/{journey.pk}/export.yaml")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="uber-uns.yaml"'
    assert answer.content.decode().startswith(
        "format: journey 1\nname: Über uns\nsteps:\n  come:\n    kind: entry_event\n"
    )
    client.post("/journeys/import/", {"yaml": answer.content.decode()})
    assert exchange.text(Journey.objects.latest("pk")) == answer.content.decode()
    refused = client.post("/journeys/import/", {"yaml": "steps: {a: {kind: warp}}\nname: X"})
    assert refused.status_code == 422
    assert "steps.a: There is no kind of step called warp." in refused.content.decode()
    assert Journey.objects.count() == 2


def test_programs_exchange_them_too() -> None:
    api = program()
    journey = builders.journey('come: entry_event(event="A") -> done\ndone: exit()', name="One")
    text = api.get(f"/api/journeys/{journey.pk}/yaml/").data["yaml"]
    made = api.post("/api/journeys/from_yaml/", {"yaml": text}, format="json")
    assert (made.status_code, made.data["name"]) == (201, "One")
    wrong = api.post("/api/journeys/from_yaml/", {"yaml": "name: X\nsteps: 3"}, format="json")
    assert wrong.status_code == 400
    assert len(api.get("/api/journey_templates/").data) == 12
    assert api.post("/api/journey_templates/birthday/start/").data["name"] == "Birthday"
    assert api.post(f"/api/journeys/{journey.pk}/save_as_template/").data == {
        "key": f"saved-{Blueprint.objects.get().pk}"
    }
    assert api.post("/api/journey_templates/none/start/").status_code == 404
