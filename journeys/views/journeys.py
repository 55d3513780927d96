"""The list of journeys, a new one, and what can be done to one as a whole."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from journeys.forms.journeys import NewJourneyForm
from journeys.models import Journey
from journeys.queries import blueprints
from journeys.queries.journeys import listed, totals
from journeys.services import drafts
from omnichannel.accounts.permissions import role_required


@role_required("analyst")
@require_GET
def journeys(request: HttpRequest) -> HttpResponse:
    """Search and state stay in the address; htmx takes the table alone."""
    search, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    found = listed(search, state).order_by("-updated_at" if request.GET.get("sort") == "recent" else "name")
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    numbers = totals([journey.pk for journey in page])
    rows = [(journey, numbers.get(journey.pk)) for journey in page]
    part = request.headers.get("HX-Target") == "journeys-table"
    return render(
        request,
        "journeys/_journeys_table.html" if part else "journeys/journeys.html",
        {
            "rows": rows,
            "page": page,
            "q": search,
            "state": state,
            "states": [("", _("All but archived")), *Journey.State.choices],
            "any": bool(rows) or Journey.objects.exists(),
        },
    )


@role_required("analyst", to_write="marketer")
@require_http_methods(["GET", "POST"])
def journey_new(request: HttpRequest) -> HttpResponse:
    """Ask for a name, then go to the empty canvas; or begin with a template."""
    form = NewJourneyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        journey = drafts.create(values["name"], description=values["description"], by=request.user)  # type: ignore[arg-type]
        return redirect("journey", journey.pk)
    context = {"form": form, "ready": blueprints.ready(), "saved": blueprints.saved()}
    return render(request, "journeys/journey_new.html", context, status=422 if form.is_bound else 200)


@role_required("marketer")
@require_POST
def journey_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """The name in the bar, edited in place."""
    journey = get_object_or_404(Journey, pk=pk)
    name = request.POST.get("name", "").strip()[:120]
    if name and journey.state != Journey.State.ARCHIVED:
        drafts.rename(journey, name)
    return HttpResponse(status=204)


@role_required("marketer")
@require_POST
def journey_duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy as a draft; then go there."""
    journey = get_object_or_404(Journey, pk=pk)
    name = _("Copy of %(name)s") % {"name": journey.name}
    copied = drafts.duplicate(journey, name[:120], by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("This is the copy. Nobody is inside until you publish it."))
    return redirect("journey", copied.pk)


@role_required("marketer")
@require_POST
def journey_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    drafts.discard(get_object_or_404(Journey, pk=pk))
    messages.success(request, _("The draft is gone. You see what is live."))
    return redirect("journey", pk)
