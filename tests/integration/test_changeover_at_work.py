"""Publishing while people are being moved: whoever is on their way is waited for, and treated by where they arrive."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Thread

import pytest
from django.db import connection, transaction

from journeys.engine import inbox, runner
from journeys.models import Enrollment, Journey, Publication
from journeys.services import drafts, lifecycle
from journeys.services.changeover import Choice, Plan
from tests import builders
from tests.conftest import NOW
from tests.integration.test_changeover import MAIL_AND_WAIT, NOT_ASKED, sign_up, standing
from tests.product import wait_for
from tests.waiting import somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
PLAN = Plan({"wait": Choice("retime"), "read": Choice("exit")})


@pytest.fixture
def journey(now: datetime) -> Journey:
    """Ada waits; in the draft nobody is asked whether they opened."""
    drawn = builders.journey(MAIL_AND_WAIT)
    sign_up("ada")
    assert drawn.live is not None
    drafts.apply(drawn, drawn.live.revision, NOT_ASKED, by=None)
    drawn.refresh_from_db()
    return drawn


@contextmanager
def publishing_meanwhile(journey: Journey) -> Iterator[None]:
    """Another process publishes while the block is one transaction; it has to wait for the end of it."""
    failed: list[Exception] = []

    def publish() -> None:
        try:
            lifecycle.publish(journey, None, NOW + 2 * DAY, PLAN)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    publisher = Thread(target=publish)
    with transaction.atomic():
        yield
        publisher.start()
        wait_for(somebody_waits, 10, "somebody waits")
    publisher.join(20)
    assert not publisher.is_alive()
    assert failed == []


def test_who_moves_at_this_moment_is_treated_by_where_they_come_to(journey: Journey) -> None:
    with publishing_meanwhile(journey):
        assert runner.advance(NOW + 2 * DAY, 100) == 1
    assert Enrollment.objects.get().state == Enrollment.State.EXITED
    assert Publication.objects.latest("pk").counts == {"exited": 1}


def test_who_comes_in_at_this_moment_is_treated_as_inside(journey: Journey) -> None:
    with publishing_meanwhile(journey):
        builders.calls(builders.tracked("Signed Up", "bea"), now=NOW)
        assert inbox.take(100, NOW) > 0
    # Bea came into the old version and stands at its entry, of which the plan says nothing; Ada was timed anew.
    assert [(version, key) for version, key, _due in standing()] == [(2, "wait"), (1, "start")]
