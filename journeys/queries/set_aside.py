"""Changes of people that journeys could not handle: none in normal life, so a number to watch from outside."""

from collections.abc import Iterator

from django.db.models import Count

from journeys.engine.inbox import SET_ASIDE
from profiles.models import Change


def gauge() -> Iterator[tuple[str, float]]:
    """For /metrics: (kind of change, how many wait to be tried again)."""
    rows = Change.objects.filter(consumer=SET_ASIDE).values_list("kind").annotate(Count("pk")).order_by("kind")
    for kind, n in rows:
        yield kind, float(n)
