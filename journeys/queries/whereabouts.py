"""Who is where in a journey, since when, and why."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from journeys.forms.journeys import STATE_VALUES
from journeys.models import Enrollment, Journey, Message, Node, StepRecord, Version
from journeys.queries.cards import in_full, load_what_they_name
from profiles.models import Profile

PAGE = 50
BECAME = {
    "sent": Q(sent_at__isnull=False),
    "delivered": Q(delivered_at__isnull=False),
    "opened": Q(opened_at__isnull=False),
    "clicked": Q(clicked_at__isnull=False),
    "skipped": Q(state=Message.State.SKIPPED),
}


@dataclass(frozen=True, slots=True)
class Whereabout:
    """One passage of one person."""

    enrollment: Enrollment
    profile: Profile | None
    node: Node | None
    version: int | None
    messages: list[Message]


def steps(journey: Journey) -> list[tuple[str, str]]:
    """Keys and names of all steps that people can be at, the newest name of each."""
    nodes = list(Node.objects.filter(version__journey=journey).order_by("version__number", "y", "x"))
    load_what_they_name(nodes)
    return list({node.key: in_full(node) for node in nodes}.items())


def page(journey: Journey, filters: dict[str, Any], number: int) -> tuple[list[Whereabout], bool]:
    """One page of people, the latest to come first, and whether there are more."""
    start = (max(1, number) - 1) * PAGE
    rows = list(_filtered(journey, filters).order_by("-pk")[start : start + PAGE + 1])
    return _with_names(journey, rows[:PAGE]), len(rows) > PAGE


def _filtered(journey: Journey, filters: dict[str, Any]) -> QuerySet[Enrollment]:
    people = Enrollment.objects.filter(journey_id=journey.pk)
    state, key, became = filters.get("state"), filters.get("node"), filters.get("message")
    if state == "converted":
        people = people.filter(converted_at__isnull=False)
    elif state in STATE_VALUES:
        people = people.filter(state=STATE_VALUES[state])
    nodes = list(Node.objects.filter(version__journey=journey, key=key).values_list("pk", flat=True)) if key else []
    if became in BECAME:
        messages = Message.objects.filter(BECAME[became], enrollment_id=OuterRef("pk"))
        people = people.filter(Exists(messages.filter(node_id__in=nodes) if key else messages))
    elif key and filters.get("passed"):
        passed = Exists(StepRecord.objects.filter(enrollment_id=OuterRef("pk"), node_id__in=nodes))
        people = people.filter(Q(node_id__in=nodes) | Q(passed))
    elif key:
        people = people.filter(node_id__in=nodes)
    return people


def _with_names(journey: Journey, rows: list[Enrollment]) -> list[Whereabout]:
    profiles = Profile.objects.in_bulk({row.profile_id for row in rows})
    nodes = {node.pk: node for node in Node.objects.filter(pk__in={row.node_id for row in rows})}
    load_what_they_name(nodes.values())
    versions = dict(Version.objects.filter(journey=journey).values_list("pk", "number"))
    sent: dict[int, list[Message]] = {}
    for message in Message.objects.filter(enrollment_id__in=[row.pk for row in rows]).order_by("pk"):
        sent.setdefault(message.enrollment_id or 0, []).append(message)
    return [
        Whereabout(
            row,
            profiles.get(row.profile_id),
            nodes.get(row.node_id),
            versions.get(row.version_id),
            sent.get(row.pk, []),
        )
        for row in rows
    ]
