"""What journeys add when somebody asks for everything about them: their way through journeys, and every message."""

from collections.abc import Iterable, Mapping
from typing import Any

from journeys.delivery.answers import answers_of
from journeys.models import Delivery, Enrollment, Journey, Message, Node, StepRecord, Template
from profiles.services.portability import AT_ONCE, register


def register_all() -> None:
    """Two files."""
    register("journeys", _journeys)
    register("messages", _messages)


def _journeys(profile: int) -> Iterable[Mapping[str, Any]]:
    enrollments = list(Enrollment.objects.filter(profile_id=profile).order_by("pk"))
    names = dict(Journey.objects.filter(pk__in={one.journey_id for one in enrollments}).values_list("pk", "name"))
    steps: dict[int, list[dict[str, Any]]] = {}
    taken = list(StepRecord.objects.filter(enrollment_id__in=[one.pk for one in enrollments]).order_by("visit"))
    keys = dict(Node.objects.non_polymorphic().filter(pk__in={s.node_id for s in taken}).values_list("pk", "key"))
    for step in taken:
        told = {"step": keys.get(step.node_id), "left_at": step.left_at, "port": step.port, "facts": step.facts}
        steps.setdefault(step.enrollment_id, []).append(told)
    answers = answers_of([one.pk for one in enrollments])
    for one in enrollments:
        yield {
            "journey": names.get(one.journey_id),
            "state": Enrollment.State(one.state).name.lower(),
            "entered_at": one.entered_at,
            "ended_at": one.ended_at,
            "converted_at": one.converted_at,
            "reason": one.reason,
            "steps": steps.get(one.pk, []),
            "answers": answers.get(one.pk, {}),
        }


def _messages(profile: int) -> Iterable[Mapping[str, Any]]:
    fields = ("id", "channel", "state", "reason", "address", "template_id", "created_at", "sent_at", "delivered_at")
    reacted = ("opened_at", "human_opened_at", "clicked_at", "human_clicked_at", "replied_at")
    more = (*reacted, "bounced_at", "complained_at", "unsubscribed_at")
    templates = dict(Template.objects.values_list("pk", "name"))
    rows = list(Message.objects.filter(profile_id=profile).order_by("pk").values(*fields, *more))
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        kept = Delivery.objects.filter(message_id__in=[row["id"] for row in part], rendered__isnull=False)
        contents = dict(kept.order_by("pk").values_list("message_id", "rendered"))
        for row in part:
            named = {"template": templates.get(row.pop("template_id")), "content": contents.get(row["id"])}
            yield {**row, **named}
