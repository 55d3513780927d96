"""The wake-ups of journeys: one task and one queue of the same name for each kind of work."""

from typing import Literal

from django.db import transaction

from omnichannel.shared import wakeup

Queue = Literal["inbox", "enter", "advance", "send", "call"]


def wake(queue: Queue) -> None:
    """Say that there is work."""
    wakeup.wake(f"journeys.tasks.{queue}", queue)


def wake_on_commit(queue: Queue) -> None:
    """The same, once the transaction is committed."""
    transaction.on_commit(lambda: wake(queue))


def wake_inbox() -> None:
    """The hook that the profile store calls after it has recorded changes for journeys."""
    wake("inbox")
