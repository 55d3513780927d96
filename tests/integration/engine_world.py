"""People who do things to journeys, and what came of it, for the tests of the engine."""

from datetime import datetime, timedelta
from typing import Any

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Node, StepRecord, Tally
from profiles.models import Profile
from tests import builders
from tests.conftest import NOW

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OPENED_OR_NOT = """
    start: entry_event(event="Signed Up") -> mail
    mail: send(template="Welcome") -> read
    read: opened(send_key="mail", amount=1, unit="days") opened -> vip, not_opened -> again
    vip: update_profile(changes=[{"attribute": "stage", "value": "reader"}]) -> done
    again: send(template="Again") -> done
    done: exit(reason="Done")
"""
WAITING = """
    start: entry_event(event="Signed Up") -> wait
    wait: wait_event(event="Bought", amount=1, unit="days") happened -> thanks, timed_out -> done
    thanks: send(template="Thanks") -> done
    done: exit()
"""


def work(now: datetime) -> None:
    while inbox.take(1000, now) or runner.advance(now, 1000):
        pass


def sign_up(*users: str, at: datetime = NOW) -> list[Profile]:
    builders.calls(*(builders.identify(user, email=f"{user}@shop.example") for user in users), now=at)
    builders.calls(*(builders.tracked("Signed Up", user) for user in users), now=at)
    return [Profile.objects.get(identities__kind="user_id", identities__value=user) for user in users]


def does(user: str, event: str, at: datetime, **properties: Any) -> None:
    builders.calls(builders.tracked(event, user, **properties), now=at)


def paths() -> list[list[tuple[str, str]]]:
    """For every enrollment, in order, the steps it took."""
    keys = dict(Node.objects.values_list("pk", "key"))
    return [
        [(keys[step.node_id], step.port) for step in StepRecord.objects.filter(enrollment_id=one).order_by("visit")]
        for one in Enrollment.objects.order_by("id").values_list("pk", flat=True)
    ]


def tally() -> dict[tuple[str, str], int]:
    keys = dict(Node.objects.values_list("pk", "key"))
    counted: dict[tuple[str, str], int] = {}
    for row in Tally.objects.all():
        counted[keys[row.node_id], row.metric] = counted.get((keys[row.node_id], row.metric), 0) + row.count
    return counted
