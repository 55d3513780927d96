"""The panel beside the canvas: one step's form."""

from typing import Any

from django.forms import Field
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, trigger_client_event

from journeys.engine.zones import own
from journeys.models import Journey, Node, Version
from journeys.queries import graph
from journeys.queries.upcoming import next_turns
from journeys.services import drafts
from journeys.services.operations import OperationError
from journeys.validation import check
from journeys.views.canvas import edit_name, get_journey
from journeys.views.inspector_uses import uses
from omnichannel.accounts.models import Workspace
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from profiles.queries.schema_suggestions import attributes, event_names


@role_required("analyst", to_write="marketer")
@require_http_methods(["GET", "POST"])
def journey_node(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """GET: the form. POST: save it into the draft and tell the canvas about the new card."""
    journey = get_journey(pk)
    version, editable = _version(request, journey)
    node = get_object_or_404(Node, version=version, key=key)
    if request.method == "POST":
        return _save(request, journey, node)
    form = node.Inspector(instance=node)
    for field in form.fields.values():
        field.disabled = not editable
    return render(request, "journeys/_inspector.html", _context(journey, node, form, editable=editable))


def _version(request: HttpRequest, journey: Journey) -> tuple[Version, bool]:
    asked = request.GET.get("version")
    if asked:
        return get_object_or_404(Version, journey=journey, number=number(asked)), False
    version = drafts.current(journey)
    may = request.user.may("marketer")  # type: ignore[union-attr]
    return version, may and journey.state != Journey.State.ARCHIVED


def _save(request: HttpRequest, journey: Journey, node: Node) -> HttpResponse:
    asked = _asked(node)
    form = node.Inspector(request.POST, instance=node)
    if not form.is_valid():
        return render(request, "journeys/_inspector.html", _context(journey, node, form), status=422)
    operations: list[dict[str, Any]] = [{"op": "configure", "key": node.key, "config": form.instance.config()}]
    if "name" in request.POST:
        operations.append({"op": "rename_node", "key": node.key, "name": request.POST["name"].strip()[:80]})
    revision = number(request.POST.get("revision"))
    made_on, edit = -1 if revision is None else revision, edit_name(request.POST.get("edit"))
    try:
        version = drafts.apply(journey, made_on, operations, request.user, edit)  # type: ignore[arg-type]
    except (drafts.Conflict, drafts.Archived):
        return trigger_client_event(reswap(HttpResponse(), "none"), "graph:stale")
    except OperationError as error:
        form.add_error(None, str(error))
        return render(request, "journeys/_inspector.html", _context(journey, node, form), status=422)
    saved = Node.objects.get(version=version, key=node.key)
    # While somebody types, only what follows from the answers is drawn anew; the form itself where its ways, or its
    # questions, are others now.
    same = asked == _asked(saved)
    context = _context(journey, saved, saved.Inspector(instance=saved)) | {"saved": same}
    response = render(request, "journeys/_inspector_saved.html" if same else "journeys/_inspector.html", context)
    card = graph.card(saved, journey.pk, check(version))
    trigger_client_event(response, "node:saved", {"card": card, "revision": version.revision})
    return reswap(response, "none") if same else response


def _asked(node: Node) -> tuple[Any, list[Any]]:
    """The ways out, and the questions that are shown."""
    form: Any = node.Inspector(instance=node)
    return node.get_ports(), form.shape()


def _turns(node: Node) -> dict[str, Any]:
    """When an entry by the clock calls next."""
    zone = own(node.version.timezone, Workspace.get().zone)
    return {"next_turns": next_turns(node, clock.now(), zone), "next_zone": zone.key}


def _context(journey: Journey, node: Node, form: Any, *, editable: bool = True) -> dict[str, Any]:
    fields: dict[str, Field] = form.fields
    return {
        **(_turns(node) if node.is_entry else {}),
        "journey": journey,
        "node": node,
        "form": form,
        "editable": editable,
        "problems": node.problems(),
        "uses": uses(form),
        "title": node.title(),
        "url": reverse("journey_node", args=[journey.pk, node.key]),
        "nothing_to_ask": not fields,
        "end_text": _("There is nothing to fill in here."),
        "event_names": event_names(),
        "attribute_names": [one["name"] for one in attributes()],
    }
