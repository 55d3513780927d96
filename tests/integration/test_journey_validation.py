"""The linter of drawings: each thing it says, and silence where all is well."""

from typing import Any

import pytest

from journeys.models import Journey, Version
from journeys.validation import check
from tests import builders

pytestmark = pytest.mark.django_db


def problems(drawing: str, **given: Any) -> list[tuple[str, str, str]]:
    journey = builders.journey(drawing, publish=False, **given)
    assert journey.draft is not None
    return [(problem.level, problem.node_key, problem.text) for problem in check(journey.draft)]


COMPLETE = """
    come: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> read
    read: opened(send_key="mail") opened -> done, not_opened -> pause
    pause: delay(amount=1) -> mail
    done: exit()
"""


def test_a_complete_journey_has_no_problem() -> None:
    assert problems(COMPLETE) == []


def test_an_empty_drawing_lets_nobody_in(db: None) -> None:
    version = Version.objects.create(journey=Journey.objects.create(name="Empty"), number=1)
    assert [problem.text for problem in check(version)] == ["Nobody can come in yet: add an entry step."]


def test_a_step_that_no_line_leads_to() -> None:
    found = problems('come: entry_event(event="A") -> done\ndone: exit()\nlost: delay(amount=1) -> done')
    assert found == [("error", "lost", "No line leads here.")]


def test_open_ways_out_are_hints_and_are_named() -> None:
    found = problems(
        """
        come: entry_event(event="A") -> mail
        mail: send(template="Welcome") -> read
        read: opened(send_key="mail") opened -> pause
        pause: delay(amount=1)
        """
    )
    assert sorted(found) == [
        ("warning", "pause", "The journey ends here."),
        ("warning", "read", "The journey ends after “Not opened”."),
    ]


def test_an_entry_that_leads_nowhere() -> None:
    assert problems('come: entry_event(event="A")') == [("warning", "come", "Nobody goes anywhere from here yet.")]


def test_a_circle_without_a_wait() -> None:
    says = "This goes round in a circle without waiting. Put a wait into the circle."
    found = problems(
        """
        come: entry_event(event="A") -> mail
        mail: send(template="Welcome") -> toss
        toss: random_split() arm_1 -> mail, arm_2 -> done
        done: exit()
        """
    )
    assert sorted(found) == [("error", "mail", says), ("error", "toss", says)]


def test_a_question_about_a_message_that_is_sent_later_or_not_at_all() -> None:
    later = problems(
        """
        come: entry_event(event="A") -> read
        read: opened(send_key="mail") opened -> mail, not_opened -> done
        mail: send(template="Welcome") -> done
        done: exit()
        """
    )
    assert later == [("error", "read", "This asks about “Welcome”, which is never sent before it.")]
    gone = problems(
        """
        come: entry_event(event="A") -> read
        read: opened(send_key="nothing") opened -> done, not_opened -> done
        done: exit()
        """
    )
    assert gone == [("error", "read", "The message this asks about is gone. Choose another.")]


def test_what_a_step_itself_misses_stands_before_hints() -> None:
    found = problems("come: entry_event() -> mail\nmail: send()")
    assert [(level, key) for level, key, _text in found] == [
        ("error", "come"),
        ("error", "mail"),
        ("warning", "mail"),
    ]


def test_a_goal_that_cannot_be_understood() -> None:
    settings = {"goal_event": "Bought", "goal_where": [{"field": "total", "op": "bigger", "value": 5}]}
    found = problems(COMPLETE, settings=settings)
    assert [(level, key) for level, key, _ in found] == [("error", "")]
    assert "There is no comparison “bigger”." in found[0][2]


def test_a_goal_that_should_end_the_journey_but_is_missing() -> None:
    journey = builders.journey(COMPLETE, publish=False, settings={"goal_exits": True})
    assert journey.draft is not None
    assert [problem.text for problem in check(journey.draft)] == [
        "Reaching the goal should end the journey, but there is no goal. See Settings."
    ]
