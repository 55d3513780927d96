"""The canvas: its page in three moods, and the JSON it talks."""

import json
import re
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from journeys.models import Journey, Version
from journeys.queries import counts, graph
from journeys.services import drafts
from journeys.services.operations import OperationError
from journeys.views.bar import bar
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock, icons
from omnichannel.shared.numbers import number


def edit_name(asked: object) -> str:
    """What the page calls its edit; nothing where that is no name."""
    return asked if isinstance(asked, str) and re.fullmatch("[a-z0-9]{1,32}", asked) else ""


def get_journey(pk: int) -> Journey:
    """A journey with both its versions."""
    return get_object_or_404(Journey.objects.select_related("live", "draft"), pk=pk)


@role_required("analyst")
@require_GET
def journey(request: HttpRequest, pk: int) -> HttpResponse:
    """Design: the draft, or what is live and becomes a draft with the first edit."""
    found = get_journey(pk)
    editable = request.user.may("marketer") and found.state != Journey.State.ARCHIVED  # type: ignore[union-attr]
    version = drafts.current(found)
    return _page(request, found, version, "design", editable=editable)


@role_required("analyst")
@require_GET
def journey_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Live numbers on the cards of what is live."""
    found = get_journey(pk)
    if found.live is None:
        return redirect("journey", pk)
    return _page(request, found, found.live, "report", editable=False)


@role_required("analyst")
@require_GET
def journey_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An old version, to look at."""
    found = get_journey(pk)
    version = get_object_or_404(Version, journey=found, number=number)
    return _page(request, found, version, "read", editable=False)


def page_beside(
    request: HttpRequest, found: Journey, version: Version, tab: str, panel: str, facts: dict[str, Any], counts_url: str
) -> HttpResponse:
    """The drawing with numbers of another source, and a panel of one's own beside it."""
    here = {"counts": counts_url, "people": request.path}
    return _page(request, found, version, "report", editable=False, tab=tab, urls=here, panel=panel, facts=facts)


def page_compared(
    request: HttpRequest, found: Journey, version: Version, drawn: dict[str, Any], facts: dict[str, Any]
) -> HttpResponse:
    """A drawing of two versions at once."""
    return _page(request, found, version, "read", editable=False, drawn=drawn, facts=facts)


def _page(
    request: HttpRequest,
    found: Journey,
    version: Version,
    mode: str,
    *,
    editable: bool,
    tab: str = "",
    urls: dict[str, str] | None = None,
    panel: str = "",
    facts: dict[str, Any] | None = None,
    drawn: dict[str, Any] | None = None,
) -> HttpResponse:
    manifest = graph.manifest()
    boot = {
        "mode": mode,
        "editable": editable,
        "icons": {kind["icon"]: icons.markup(kind["icon"]) for kind in manifest["kinds"]},
        "urls": {
            "operations": reverse("journey_operations", args=[found.pk]),
            "graph": reverse("journey_graph", args=[found.pk]),
            "counts": reverse("journey_counts", args=[found.pk]),
            "people": reverse("journey_people", args=[found.pk]),
            "node": reverse("journey_node", args=[found.pk, "KEY"]),
            **(urls or {}),
        },
    }
    context = {
        **bar(request, found, tab or {"design": "journey", "report": "journey_report"}.get(mode, "journey_versions")),
        "version": version,
        "mode": mode,
        "editable": editable,
        "boot": boot,
        "manifest": manifest,
        "graph": drawn or graph.payload(version, fixed=mode == "read"),
        **(facts or {}),
    }
    if panel:
        context["panel"] = panel
    elif mode == "report":
        context["whole"] = counts.whole(counts.per_card(found.pk, clock.now()))
    return render(request, "journeys/canvas.html", context)


@role_required("marketer")
@require_POST
def journey_operations(request: HttpRequest, pk: int) -> JsonResponse:
    """Edit the draft: all operations of one request, or none."""
    found = get_journey(pk)
    try:
        asked = json.loads(request.body)
        revision, operations = int(asked["revision"]), list(asked["operations"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return JsonResponse({"error": _("A revision and a list of operations are needed.")}, status=400)
    try:
        version = drafts.apply(found, revision, operations, request.user, edit_name(asked.get("edit")))  # type: ignore[arg-type]
    except drafts.Conflict as conflict:
        return JsonResponse(
            {"revision": conflict.version.revision, "graph": graph.payload(conflict.version)}, status=409
        )
    except OperationError as error:
        return JsonResponse({"error": str(error), "operation": error.index}, status=422)
    except drafts.Archived:
        return JsonResponse({"error": _("This journey is archived."), "operation": 0}, status=422)
    return JsonResponse(graph.payload(version))


@role_required("analyst")
@require_GET
def journey_graph(request: HttpRequest, pk: int) -> JsonResponse:
    """The drawing as it is now."""
    found = get_journey(pk)
    version = drafts.current(found)
    return JsonResponse(graph.payload(version))


@role_required("analyst")
@require_GET
def journey_counts(request: HttpRequest, pk: int) -> JsonResponse:
    """Numbers by card; of one version with `?version=3`."""
    found = get_journey(pk)
    nodes: dict[str, Any] = counts.per_card(found.pk, clock.now(), number(request.GET.get("version")))
    return JsonResponse(counts.answer(nodes))
