"""Every kind of node keeps the contract: a new file in `journeys/nodes/` is tested here without a change."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import ModelForm
from django.test.utils import CaptureQueriesContext

from journeys.contracts.outcomes import Advance, Effect, Outcome, Send, Wait
from journeys.contracts.step import (
    Answer,
    AnswerFact,
    Attributes,
    Engagement,
    EngagementFact,
    Happened,
    Matches,
    Need,
    Step,
    Trigger,
    TriggerName,
    Turn,
)
from journeys.models import Journey, Node, Version
from journeys.registry import node_kinds
from tests import builders
from tests.conftest import NOW

KINDS = sorted(node_kinds())
CATEGORIES = {"entry", "message", "time", "branch", "customer", "end"}
NODES = Path(__file__).parents[2] / "journeys" / "nodes"
SOON = NOW + timedelta(minutes=5)
# What the world may have to say to each kind of need.
ANSWERS: dict[type, list[Any]] = {
    Attributes: [{}, {"timezone": "America/New_York", "country": "DE"}, {"timezone": 7}],
    Trigger: [{}, {"total": 5}],
    TriggerName: ["", "Bought"],
    Happened: [None, SOON, NOW + timedelta(days=900)],
    Engagement: [None]
    + [EngagementFact("sent", NOW, opened, clicked) for opened in (None, SOON) for clicked in (None, SOON)]
    + [EngagementFact(state) for state in ("pending", "sending", "skipped", "failed", "unknown")],
    Matches: [True, False],
    Answer: [None, AnswerFact(False, SOON), AnswerFact(True, SOON, "way_1", {"price": 5}), AnswerFact(True, SOON, "?")],
    Turn: [NOW, NOW + timedelta(days=1), NOW + timedelta(days=900)],
}


@pytest.fixture(params=KINDS)
def node(request: pytest.FixtureRequest, db: None) -> Node:
    """A fresh node of each kind, as it is dropped on the canvas; a send with something to send."""
    version = Version.objects.create(journey=Journey.objects.create(name="Some"), number=1)
    made = node_kinds()[request.param](version=version, key="n1")
    if made.sends:
        made.configure({"template": builders.template().pk})
    if "target_key" in made.config():
        made.configure({"target_key": "n0"})
    made.save()
    for name in made.loads:
        getattr(made, name)
    return made


def steps(node: Node) -> list[Step]:
    """Steps at several moments with every answer to what the node asks."""
    worlds: list[dict[Need, Any]] = [{}]
    for need in node.needs():
        worlds = [{**world, need: answer} for world in worlds for answer in ANSWERS[type(need)]]
    return [
        Step(1, profile, node.key, 1, NOW + wait, NOW, NOW, ZoneInfo("Europe/Berlin"), world)
        for world in worlds
        for wait in (timedelta(0), timedelta(hours=3), timedelta(days=1), timedelta(days=800))
        for profile in (1, 2, 3)
    ]


def test_one_file_is_one_kind() -> None:
    files = {path.stem for path in NODES.glob("*.py")} - {"__init__"}
    assert files == set(KINDS)
    for kind, cls in node_kinds().items():
        assert cls.__module__ == f"journeys.nodes.{kind}"
        assert cls.__name__ == "".join(map(str.capitalize, kind.split("_"))) + "Node"


def test_says_what_it_is(node: Node) -> None:
    assert str(node.label)
    assert str(node.help)
    assert node.icon
    assert node.category in CATEGORIES
    assert node.is_entry == (node.category == "entry")
    assert node.title()


def test_a_fresh_node_can_be_shown_and_judged(node: Node) -> None:
    assert node.summary()
    assert str(node)
    for problem in node.problems():
        assert problem.node_key == node.key
        assert problem.text.endswith(".")


def test_ports_are_named_and_labelled(node: Node) -> None:
    names = [name for name, _ in node.get_ports()]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 40 for name in names)
    if len(names) > 1:
        assert all(label for _, label in node.get_ports())


def test_config_goes_through_the_inspector_and_back(node: Node) -> None:
    assert issubclass(node.Inspector, ModelForm)
    config = json.loads(json.dumps(node.config()))
    twin = type(node)(version=node.version, key="n2")
    twin.configure(config)
    twin.save()
    assert type(node).objects.get(pk=twin.pk).config() == config
    assert bool(node.Inspector(instance=node).as_p()) == bool(node.Inspector.base_fields)


def test_an_unknown_setting_is_refused(node: Node) -> None:
    with pytest.raises(ValidationError) as refused:
        node.configure({"no_such_setting": 1})
    assert list(refused.value.message_dict) == ["no_such_setting"]


def test_decides_alone_and_always_the_same(node: Node) -> None:
    """No statement, no clock, no chance: the same step, the same outcome, of the closed set."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        first = [node.run(step) for step in steps(node)]
        second = [node.run(step) for step in steps(node)]
    assert first == second
    assert len(queries) == 0
    assert isinstance(Outcome, UnionType)
    assert all(isinstance(outcome, get_args(Outcome)) for outcome in first)


def test_leaves_only_through_its_ports_and_never_waits_for_the_past(node: Node) -> None:
    ports = {name for name, _ in node.get_ports()} | ({"next"} if node.jumps_to() else set())
    for step in steps(node):
        match node.run(step):
            case Advance(port=port) | Send(port=port) | Effect(port=port):
                assert port in ports
            case Wait(until=until, changes=changes):
                assert until is None or until > step.now
                assert set(changes) <= set(node.listens_to())


def test_waits_are_over_when_their_time_has_come(node: Node) -> None:
    """Asked again at the due moment, with facts as they were, a node goes on, unless its message has not left yet."""
    for step in steps(node):
        outcome = node.run(step)
        unsent = any(isinstance(fact, EngagementFact) and fact.sent_at is None for fact in step.facts.values())
        if isinstance(outcome, Wait) and outcome.until and not unsent:
            due = Step(
                step.enrollment_id,
                step.profile_id,
                step.node_key,
                step.visit,
                outcome.until,
                step.entered_at,
                step.enrolled_at,
                step.timezone,
                step.facts,
            )
            assert not isinstance(node.run(due), Wait)


def test_entries_say_what_brings_people_in(node: Node) -> None:
    if not node.is_entry:
        assert node.starts_on() == ()
        return
    outcome = node.run(Step(1, 1, "n1", 1, SOON, NOW, NOW, ZoneInfo("UTC")))
    assert outcome == Advance("next", at=datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
