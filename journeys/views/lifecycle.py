"""Pause, resume, archive: the page asks first and says what it means for the people inside."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from journeys.services import lifecycle
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock

VERBS: dict[str, tuple[Callable[..., None], Any, str]] = {
    "pause": (lifecycle.pause, gettext_lazy("Paused. Nobody moves and nothing is sent until you resume."), "journey"),
    "resume": (lifecycle.resume, gettext_lazy("Running again."), "journey"),
    "archive": (lifecycle.archive, gettext_lazy("Archived. Everyone who was inside has left."), "journeys"),
}


@role_required("marketer")
@require_POST
def journey_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Pause, resume, archive."""
    perform, said, then = VERBS[verb]
    try:
        perform(get_journey(pk), by=request.user, now=clock.now())
    except lifecycle.LifecycleError as error:
        messages.error(request, str(error))
        return redirect("journey", pk)
    messages.success(request, str(said))
    return redirect("journeys") if then == "journeys" else redirect("journey", pk)
