"""Lead one person through a drawing: a panel beside the canvas, which shows the way they took."""

import json
import secrets
from typing import Any, Final

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from journeys.forms import trial as forms
from journeys.models import Journey
from journeys.queries import counts
from journeys.queries import trial as reads
from journeys.queries.preview import preview
from journeys.queries.templates import preview_people
from journeys.registry import channels
from journeys.services import drafts
from journeys.services import messages as sending
from journeys.views.canvas import get_journey, page_beside
from journeys.views.content import FRAME_SECONDS
from omnichannel.accounts.models import Workspace
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock

TAB: Final = "journey_test"


@role_required("analyst")
@require_http_methods(["GET", "POST"])
def journey_test(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the panel beside the canvas. POST: begin, go on, begin anew; the answer is the panel alone."""
    journey = get_journey(pk)
    if request.method == "POST":
        answer = render(request, "journeys/_trial.html", {"journey": journey, **_posted(request, journey)})
        answer["HX-Trigger"] = "counts:refresh"
        return answer
    facts, numbers = _facts(request, journey), reverse("journey_test_counts", args=[pk])
    return page_beside(request, journey, drafts.current(journey), TAB, "journeys/_trial_panel.html", facts, numbers)


def _posted(request: HttpRequest, journey: Journey) -> dict[str, Any]:
    if request.POST.get("do") == "begin":
        form = _form(request, journey)
        if not form.is_valid():
            return {"form": form, "people": preview_people()}
        _keep(request, journey, form.asked())
    elif request.POST.get("do") == "end":
        request.session.pop(_key(journey), None)
    elif (walked := _walk(request, journey)) is not None:
        _keep(request, journey, forms.moved(walked.asked, walked, request.POST))
    return _facts(request, journey)


@role_required("analyst")
@require_GET
def journey_test_counts(request: HttpRequest, pk: int) -> JsonResponse:
    """The way so far as numbers of one person."""
    walked = _walk(request, get_journey(pk))
    nodes = counts.of_metrics(reads.numbers(walked)) if walked else {}
    return JsonResponse(counts.answer(nodes, counts.NEVER_REPLAYED))


@role_required("analyst")
@require_GET
def journey_test_message(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One message as this person would get it."""
    letter, walked = _letter(request, pk, number)
    channel = channels()[letter.template.channel]
    own, event = walked.trial.attributes, walked.asked.details
    shown = preview(channel, letter.template.content, walked.profile, attributes=own, event=event)
    key = ""
    if "html" in shown.parts:
        key = secrets.token_urlsafe(18)
        cache.set(f"preview:{key}", shown.parts["html"], FRAME_SECONDS)
    return render(request, "journeys/content/_preview.html", {"preview": shown, "key": key, "channel": channel})


@role_required("marketer")
@require_POST
def journey_test_send(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One message to an address that is given, and to nobody else."""
    letter, walked = _letter(request, pk, number)
    to = request.POST.get("to", "").strip()
    own, event = walked.trial.attributes, walked.asked.details
    try:
        content = letter.template.content
        sending.send_test(letter.template, content, to, walked.profile, clock.now(), attributes=own, event=event)
        toast = {"text": _("Sent to %(address)s.") % {"address": to}, "tone": "success"}
    except sending.NotSentError as error:
        toast = {"text": str(error), "tone": "danger"}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"toast": toast})})


def _letter(request: HttpRequest, pk: int, number: int) -> tuple[Any, reads.Walked]:
    walked = _walk(request, get_journey(pk))
    if walked is None or number >= len(walked.letters) or walked.letters[number].template is None:
        raise Http404
    return walked.letters[number], walked


def _walk(request: HttpRequest, journey: Journey) -> reads.Walked | None:
    asked = forms.load(request.session.get(_key(journey), {}))
    try:
        return reads.walk(drafts.current(journey), asked, clock.now()) if asked else None
    except LookupError:  # the entry is gone from the drawing
        return None


def _keep(request: HttpRequest, journey: Journey, asked: reads.Asked) -> None:
    request.session[_key(journey)] = forms.dump(asked)


def _key(journey: Journey) -> str:
    return f"walk:{journey.pk}"


def _form(request: HttpRequest, journey: Journey) -> forms.TrialForm:
    now = timezone.localtime(clock.now(), Workspace.get().zone)
    data = request.POST if request.POST.get("do") == "begin" else None
    return forms.TrialForm(data, entries=reads.entries(drafts.current(journey)), initial={"at": now})


def _facts(request: HttpRequest, journey: Journey) -> dict[str, Any]:
    walked = _walk(request, journey)
    return {"walked": walked} if walked else {"form": _form(request, journey), "people": preview_people()}
