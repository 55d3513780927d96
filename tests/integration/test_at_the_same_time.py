"""Two people change one journey at the same moment: whoever is second sees what the first has done."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from journeys.models import Journey, Version
from journeys.services import drafts, lifecycle
from journeys.services.lifecycle import LifecycleError
from tests import builders
from tests.conftest import NOW
from tests.product import wait_for
from tests.waiting import somebody_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]

DRAWING = "start: entry_event(event='Signed Up') -> wait\nwait: delay(amount=2, unit='days')"


def add(key: str) -> list[dict[str, Any]]:
    return [{"op": "add_node", "key": key, "kind": "exit"}]


def while_another(does: Callable[[], object], first: Callable[[], object]) -> Exception | None:
    """`does` begins while `first` is done and not committed. Gives what it was refused with."""
    refused: list[Exception] = []

    def second() -> None:
        try:
            does()
        except Exception as error:
            refused.append(error)
        finally:
            connection.close()

    thread = Thread(target=second)
    with transaction.atomic():
        first()
        thread.start()
        wait_for(somebody_waits, 10, "somebody waits")
    thread.join(20)
    assert not thread.is_alive()
    return refused[0] if refused else None


@pytest.mark.parametrize("live", [True, False])
def test_the_second_edit_of_one_drawing_is_a_conflict(live: bool) -> None:
    """On a live journey the first edit makes the draft, on a draft it raises the revision."""
    drawn = builders.journey(DRAWING, publish=live)
    revision = drafts.current(drawn).revision
    other = Journey.objects.get(pk=drawn.pk)
    refused = while_another(
        lambda: drafts.apply(other, revision, add("mine"), by=None),
        lambda: drafts.apply(drawn, revision, add("yours"), by=None),
    )
    drawn = Journey.objects.get(pk=drawn.pk)
    assert isinstance(refused, drafts.Conflict)
    assert (refused.version, refused.version.revision) == (drawn.draft, revision + 1)
    keys = set(drafts.current(drawn).nodes.values_list("key", flat=True))
    assert keys == {"start", "wait", "yours"}


def test_a_draft_is_published_once() -> None:
    drawn = builders.journey(DRAWING, publish=False)
    other = Journey.objects.get(pk=drawn.pk)
    refused = while_another(lambda: lifecycle.publish(other, None, NOW), lambda: lifecycle.publish(drawn, None, NOW))
    assert isinstance(refused, LifecycleError)
    assert str(refused) == "There is nothing new to publish."
    assert list(Version.objects.values_list("number", "state")) == [(1, "published")]


def test_what_is_published_is_what_was_saved_last() -> None:
    """A setting that is saved at this moment is looked at too."""
    drawn = builders.journey(DRAWING, publish=False)
    other = Journey.objects.get(pk=drawn.pk)
    refused = while_another(
        lambda: lifecycle.publish(other, None, NOW),
        lambda: drafts.save_settings(drawn, {"exit_rules": [{"on": "nothing"}]}, by=None),
    )
    assert isinstance(refused, LifecycleError)
    assert Journey.objects.get(pk=drawn.pk).live is None
