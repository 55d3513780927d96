"""Publish, pause, resume, archive: each asks first and says what it means for the people inside."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from journeys.queries.journeys import changes, totals
from journeys.services import drafts, lifecycle
from journeys.validation import check
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock

VERBS: dict[str, tuple[Callable[..., None], Any, str]] = {
    "pause": (lifecycle.pause, gettext_lazy("Paused. Nobody moves and nothing is sent until you resume."), "journey"),
    "resume": (lifecycle.resume, gettext_lazy("Running again."), "journey"),
    "archive": (lifecycle.archive, gettext_lazy("Archived. Everyone who was inside has left."), "journeys"),
}


@role_required("marketer")
@require_http_methods(["GET", "POST"])
def journey_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the dialog that says what changes for whom. POST: do it."""
    journey = get_journey(pk)
    version = drafts.current(journey)
    problems = check(version)
    blocking = [problem for problem in problems if problem.level == "error"]
    refused = ""
    if request.method == "POST" and not blocking:
        try:
            lifecycle.publish(journey, by=request.user, now=clock.now())  # type: ignore[arg-type]
        except lifecycle.LifecycleError as error:
            refused = str(error)
        else:
            messages.success(request, _("Published. Everyone who comes in from now on gets this version."))
            return HttpResponseClientRedirect(reverse("journey_report", args=[pk]))
    names = {node.key: str(node) for node in version.nodes.all()}
    found = changes(journey.live, version)
    context = {
        "journey": journey,
        "version": version,
        "refused": refused,
        "blocking": [(names.get(problem.node_key, ""), problem.text) for problem in blocking],
        "hints": [(names.get(problem.node_key, ""), problem.text) for problem in problems if problem not in blocking],
        "changes": found,
        "nothing": journey.draft is None or (journey.live is not None and not any(found.values())),
        "inside": totals([pk]).get(pk, {}).get("inside", 0),
        "settings_changed": bool(found["settings"]),
    }
    return render(request, "journeys/_publish.html", context)


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
