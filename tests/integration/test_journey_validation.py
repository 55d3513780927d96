"""The linter of drawings: each thing it says, and silence where all is well."""

from typing import Any

import pytest

from journeys.models import Journey, Template, Version
from journeys.validation import check
from profiles.services import segments
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


def test_a_message_that_cannot_be_sent_as_it_is() -> None:
    empty = {"subject": "", "format": "html", "body": "<p>Hello {{ first_name</p>", "text": ""}
    builders.template("Half done")
    Template.objects.update(content=empty)
    found = problems('come: entry_event(event="A") -> mail\nmail: send(template="Half done") -> done\ndone: exit()')
    assert [(level, key) for level, key, _text in found] == [("error", "mail")] * 2
    assert found[0][2] == "“Half done”: The subject is empty."
    assert found[1][2].startswith("“Half done”: Body, line 1")


def test_a_question_that_some_are_asked_without_having_got_the_message() -> None:
    found = problems(
        """
        come: entry_event(event="A") -> toss
        toss: random_split() arm_1 -> mail, arm_2 -> read
        mail: send(template="Welcome") -> read
        read: opened(send_key="mail") opened -> done, not_opened -> done
        done: exit()
        """
    )
    text = "Some come here without having got “Welcome”: they count as people who did not react."
    assert found == [("warning", "read", text)]


def test_a_way_that_nobody_leaves() -> None:
    found = problems(
        """
        come: entry_event(event="A") -> ask
        ask: wait_event(event="B", amount=1) happened -> rest, timed_out -> done
        rest: delay(amount=1) -> more
        more: delay(amount=2) -> rest
        done: exit()
        """
    )
    assert found == [("warning", "rest", "Nobody who comes here ever leaves the journey.")]


def emits(entry: str, event: str, name: str, **given: Any) -> Journey:
    drawing = f'come: {entry} -> say\nsay: emit_event(event="{event}") -> done\ndone: exit()'
    return builders.journey(drawing, name=name, **given)


def test_journeys_that_bring_people_into_each_other_for_ever() -> None:
    emits('entry_event(event="B")', "C", "Second")
    likers = segments.create(
        "Likers", {"type": "all", "of": [{"type": "attribute", "field": "likes", "op": "eq", "value": 1}]}
    )
    drawing = """
        come: entry_event(event="C") -> set
        set: update_profile(changes=[{"attribute": "likes", "value": 1}]) -> done
        done: exit()
    """
    builders.journey(drawing, name="Third")
    says = "This journey and “Second” → “Third” bring people into each other, for ever."
    first = emits("entry_segment(segment=likers)", "B", "First", publish=False, likers=likers)
    assert told(first) == [("warning", "", says)]
    assert told(emits('entry_event(event="Other")', "B", "Beside", publish=False)) == []
    once = {"reentry": "once"}
    assert told(emits("entry_segment(segment=likers)", "B", "Once", publish=False, likers=likers, settings=once)) == []
    again = "People who pass through are brought in again, for ever. See “Who came once may come”."
    assert told(emits('entry_event(event="D")', "D", "Alone", publish=False)) == [("warning", "", again)]


def told(journey: Journey) -> list[tuple[str, str, str]]:
    assert journey.draft is not None
    return [(problem.level, problem.node_key, problem.text) for problem in check(journey.draft)]
