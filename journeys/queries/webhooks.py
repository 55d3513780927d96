"""The last webhooks that were called, and what came back."""

from dataclasses import dataclass

from journeys.models import Journey, Node, Request
from profiles.models import Profile

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Called:
    """One request and what it belongs to."""

    request: Request
    journey: Journey | None
    node: Node | None
    person: Profile | None


def latest() -> list[Called]:
    """The newest first."""
    requests = list(Request.objects.filter(kind=Request.Kind.WEBHOOK).order_by("-pk")[:SHOWN])
    journeys = Journey.objects.in_bulk({one.journey_id for one in requests})
    nodes = Node.objects.in_bulk({one.node_id for one in requests})
    people = Profile.objects.in_bulk({one.profile_id for one in requests})
    return [
        Called(one, journeys.get(one.journey_id), nodes.get(one.node_id), people.get(one.profile_id))
        for one in requests
    ]
