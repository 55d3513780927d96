"""Who is where in a journey, since when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum

from journeys.forms.journeys import STATE_VALUES
from journeys.models import Enrollment, Journey, LateTruth, Message, Node, StepRecord, Tally, Version
from journeys.queries.cards import in_full, load_what_they_name
from profiles.models import Profile

PAGE = 50
FEW: Final = 20_000
BECAME = {
    "sent": Q(sent_at__isnull=False),
    "delivered": Q(delivered_at__isnull=False),
    "opened": Q(opened_at__isnull=False),
    "clicked": Q(clicked_at__isnull=False),
    "human_opened": Q(human_opened_at__isnull=False),
    "human_clicked": Q(human_clicked_at__isnull=False),
    "replied": Q(replied_at__isnull=False),
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
    """Keys and names of all steps that people can be at, the newest name of each. In a draft is nobody."""
    nodes = Node.objects.filter(version__journey=journey).order_by("version__number", "y", "x")
    nodes = nodes.exclude(version=journey.draft_id) if journey.live_id else nodes
    newest = {node.key: node for node in nodes}
    load_what_they_name(newest.values())
    return [(key, in_full(node)) for key, node in newest.items()]


def page(journey: Journey, filters: dict[str, Any], number: int) -> tuple[list[Whereabout], bool]:
    """One page of people, the latest to come first, and whether there are more."""
    start = (max(1, number) - 1) * PAGE
    # Of many people the latest are met soon on the way back through everybody; of a few, long ago, not before a million
    # others. Those are all found first, and the index of that way is no help with this order.
    latest = (F("pk") + 0).desc() if _came(journey) <= FEW else F("pk").desc()
    rows = list(_filtered(journey, filters).order_by(latest)[start : start + PAGE + 1])
    return _with_names(journey, rows[:PAGE]), len(rows) > PAGE


def _came(journey: Journey) -> int:
    versions = Version.objects.filter(journey=journey).values("pk")
    counted = Tally.objects.filter(version_id__in=versions, metric="started").aggregate(people=Sum("count"))
    return counted["people"] or 0


def inside(journey: Journey, filters: dict[str, Any], only: Sequence[int] | None = None) -> list[int]:
    """Enrollments of everybody who fits and is inside; of these `only` the named ones."""
    people = _filtered(journey, filters).filter(state=Enrollment.State.ACTIVE)
    return list((people if only is None else people.filter(pk__in=only)).values_list("pk", flat=True))


def onward(journey: Journey, key: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Where people can be sent by hand: ways out of the step (of its newest drawing), and steps of what is live."""
    here = Node.objects.filter(version__journey=journey, key=key).order_by("-version__published_at").first()
    ways = [(port, str(label)) for port, label in here.get_ports()] if here else []
    nodes = [node for node in Node.objects.filter(version=journey.live).order_by("y", "x") if not node.is_entry]
    load_what_they_name(nodes)
    return ways, [(node.key, in_full(node)) for node in nodes if node.key != key]


def listed(journey: Journey, filters: dict[str, Any]) -> QuerySet[Enrollment]:
    """The same people as rows for programs, each with the key of its step and the number of its version."""
    key = Node.objects.non_polymorphic().filter(pk=OuterRef("node_id")).values("key")
    number = Version.objects.filter(pk=OuterRef("version_id")).values("number")
    return _filtered(journey, filters).annotate(step=Subquery(key), version=Subquery(number))


def _filtered(journey: Journey, filters: dict[str, Any]) -> QuerySet[Enrollment]:
    people = Enrollment.objects.filter(journey_id=journey.pk)
    state, key, became = filters.get("state"), filters.get("node"), filters.get("message")
    if state == "converted":
        people = people.filter(converted_at__isnull=False)
    elif state in STATE_VALUES:
        people = people.filter(state=STATE_VALUES[state])
    nodes = list(Node.objects.filter(version__journey=journey, key=key).values_list("pk", flat=True)) if key else []
    if became == "late":
        late = LateTruth.objects.filter(enrollment_id=OuterRef("pk"))
        people = people.filter(Exists(late.filter(node_id__in=nodes) if key else late))
    elif became in BECAME:
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
