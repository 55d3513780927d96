"""Publishing and going back: each asks first, and says how many people stand where it changes something."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from journeys.models import Journey, Publication, Version
from journeys.queries import standing
from journeys.queries.journeys import changes
from journeys.queries.upcoming import upcoming
from journeys.services import changeover, drafts, existing, lifecycle
from journeys.services.changeover import Plan, PlanError, read_plan
from journeys.validation import check
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number

PREFIX = "people-"


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
            plan, days = asked_plan(request.POST), asked_days(request.POST)
            lifecycle.publish(journey, request.user, clock.now(), plan, existing_days=days)  # type: ignore[arg-type]
        except (lifecycle.LifecycleError, PlanError) as error:
            refused = str(error)
        else:
            messages.success(request, _told(journey))
            return HttpResponseClientRedirect(reverse("journey_report", args=[pk]))
    names = {node.key: str(node) for node in version.nodes.all()}
    context = {
        **_changes(journey, version),
        "refused": refused,
        "asked": request.POST,
        "blocking": [(names.get(problem.node_key, ""), problem.text) for problem in blocking],
        "hints": [(names.get(problem.node_key, ""), problem.text) for problem in problems if problem not in blocking],
    }
    return render(request, "journeys/_publish.html", context)


@role_required("marketer")
@require_http_methods(["GET", "POST"])
def journey_go_back(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: who returns to where they stood, and who has gone on since. POST: do it."""
    journey = get_journey(pk)
    asked = request.POST if request.method == "POST" else request.GET
    to = number(asked.get("to"))
    undone = lifecycle.to_take_back(journey, to)
    refused = ""
    if request.method == "POST":
        try:
            rest = "move" if request.POST.get("rest") == "move" else "keep"
            lifecycle.go_back(journey, request.user, clock.now(), rest, to)  # type: ignore[arg-type]
        except lifecycle.LifecycleError as error:
            refused = str(error)
        else:
            messages.success(request, _told(journey))
            return HttpResponseClientRedirect(reverse("journey_report", args=[pk]))
    context: dict[str, Any] = {"journey": journey, "refused": refused}
    if undone:
        context |= {"former": undone[-1].former, "version": undone[0].version, "steps": len(undone)}
        context |= {"returning": changeover.returning(undone), "others": changeover.others(undone)}
    return render(request, "journeys/_go_back.html", context)


def asked_plan(answers: QueryDict) -> Plan:
    """The plan as the dialog's menus give it: "keep", "retime", "exit", "move" or "move:<step>"."""
    steps: dict[str, dict[str, Any]] = {}
    for name, answer in answers.items():
        if name.startswith(PREFIX):
            do, _colon, to = str(answer).partition(":")
            steps[name.removeprefix(PREFIX)] = {"do": do, "to": to}
    return read_plan(steps, str(answers.get("rest", "keep")))


def asked_days(answers: QueryDict) -> int | None:
    """How far back people count who qualify already; None: they do not come in."""
    if "existing" not in answers:
        return None
    days = answers.get("existing_days", "")
    return min(int(days), existing.MOST_DAYS) if days.isdecimal() and len(days) < 5 and int(days) else existing.DAYS


def _changes(journey: Journey, version: Version) -> dict[str, Any]:
    found = changes(journey.live, version)
    return {
        "journey": journey,
        "version": version,
        "changes": found,
        "nothing": journey.draft is None or (journey.live is not None and not any(found.values())),
        "settings_changed": bool(found["settings"]),
        "upcoming": upcoming(version, clock.now()) if journey.draft else [],
        "offer": existing.offer(version, clock.now()) if journey.draft else None,
        "audience": standing.audience(journey, version) if journey.live else None,
    }


def _told(journey: Journey) -> str:
    """What was done, in numbers."""
    told = Publication.objects.filter(journey=journey).latest("pk")
    counts, went = told.counts, told.went
    said = [_("Version %(n)s is live.") % {"n": told.version.number}]
    if went:
        said.append(ngettext("%(n)s person goes on in it.", "%(n)s people go on in it.", went) % {"n": f"{went:,}"})
    if back := counts.get("restored", 0):
        text = ngettext("%(n)s person is where they were.", "%(n)s people are where they were.", back)
        said.append(text % {"n": f"{back:,}"})
    if left := counts.get("exited", 0):
        said.append(ngettext("%(n)s person has left.", "%(n)s people have left.", left) % {"n": f"{left:,}"})
    return " ".join(said)
