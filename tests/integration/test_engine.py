"""People come in, move, wait, are woken, and end: the engine on a real database."""

from datetime import timedelta

import pytest

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Message
from tests import builders

pytestmark = pytest.mark.django_db


def settle(now):
    while inbox.take(1000, now) + runner.advance(now):
        pass


def test_one_through(now):
    builders.journey(
        """
        start: entry_event(event="Signed Up") -> mail
        mail: send(template="Welcome") -> read
        read: opened(send_key="mail", amount=1, unit="days") opened -> vip, not_opened -> again
        vip: update_profile(changes=[{"attribute": "stage", "value": "reader"}]) -> done
        again: send(template="Again") -> done
        done: exit(reason="Done")
        """
    )
    builders.calls(builders.identify("u1", email="a@b.example"), builders.tracked("Signed Up", "u1"))
    settle(now)
    assert Message.objects.count() == 1
    Message.objects.update(state="sent", sent_at=now)
    settle(now + timedelta(days=1))
    assert [m.template_id for m in Message.objects.order_by("id")] == [
        builders.template("Welcome").pk,
        builders.template("Again").pk,
    ]
    done = Enrollment.objects.get()
    assert (done.state, done.reason) == (Enrollment.State.COMPLETED, "Done")
