"""What share of those who came to a step reached the goal: counted at every step that they had come to."""

from datetime import datetime, timedelta

import pytest

from journeys.engine import inbox, runner
from journeys.models import Journey
from journeys.queries.counts import per_card
from tests import builders

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
DRAWING = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> rest
    rest: delay(amount=1, unit="days") -> again
    again: send(template="Again") -> done
    done: exit()
"""


def go_on(now: datetime) -> None:
    while inbox.take(100, now) or runner.advance(now, 100):
        pass


def test_where_the_people_were_who_reached_it(now: datetime) -> None:
    drawn = builders.journey(DRAWING, settings={"goal_event": "Bought"})
    builders.calls(*(builders.tracked("Signed Up", f"u{n}") for n in range(4)))
    go_on(now)
    builders.calls(builders.tracked("Bought", "u0"), now=now + HOUR)
    go_on(now + HOUR)
    go_on(now + 25 * HOUR)
    builders.calls(*(builders.tracked("Bought", f"u{n}") for n in (0, 1)), now=now + 26 * HOUR)  # u0 again: once is all
    go_on(now + 26 * HOUR)
    found = per_card(drawn.pk, now + 26 * HOUR)
    assert {key: row["goal"] for key, row in found.items()} == {"start": 2, "mail": 2, "rest": 2, "again": 1, "done": 1}
    assert {key: row["entered"] for key, row in found.items()} == dict.fromkeys(found, 4)


def test_a_step_that_is_the_goal(now: datetime) -> None:
    drawn: Journey = builders.journey(
        """
        start: entry_event(event="Signed Up") -> split
        split: random_split(arms=[{"name": "A", "percent": 100}, {"name": "B", "percent": 0}]) arm_1 -> won, arm_2 -> no
        won: goal_reached() -> done
        no: exit()
        done: exit()
    """,
    )
    builders.calls(*(builders.tracked("Signed Up", f"u{n}") for n in range(3)))
    go_on(now)
    found = per_card(drawn.pk, now)
    assert [found[key]["goal"] for key in ("start", "split", "won")] == [3, 3, 3]
    assert "lost" not in found
