"""What the world outside has answered to a person's journey, for templates."""

from collections.abc import Sequence
from typing import Any

from journeys.models import Request


def answers_of(enrollments: Sequence[int]) -> dict[int, dict[str, Any]]:
    """{enrollment: {name: answer}}, the latest of each name, in one statement."""
    found: dict[int, dict[str, Any]] = {}
    answered = Request.objects.filter(enrollment_id__in=set(enrollments), state=Request.State.ANSWERED)
    for enrollment, name, answer in answered.order_by("visit").values_list("enrollment_id", "name", "answer"):
        found.setdefault(enrollment, {})[name] = answer
    return found
