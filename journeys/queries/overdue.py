"""People whose time has passed and who have not moved: zero in normal life, so a number to watch from outside."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from journeys.engine import recovery
from journeys.models import Journey
from omnichannel.shared import clock

GRACE: Final = timedelta(minutes=1)


def gauge() -> Iterator[tuple[str, float]]:
    """For /metrics: (journey's number, people), also for live journeys where nobody is overdue."""
    late = recovery.overdue(clock.now(), GRACE)
    for pk in Journey.objects.filter(state=Journey.State.LIVE).order_by("pk").values_list("pk", flat=True):
        yield str(pk), float(late.get(pk, 0))
