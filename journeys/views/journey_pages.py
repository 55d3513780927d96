"""The tabs of a journey beside the canvas: people, versions, settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from journeys.forms.journeys import JourneySettingsForm, PeopleFilterForm
from journeys.models import Version
from journeys.queries import whereabouts
from journeys.services import drafts, lifecycle
from journeys.views.bar import bar
from journeys.views.canvas import get_journey
from omnichannel.accounts.forms.settings import zones
from omnichannel.accounts.permissions import role_required
from omnichannel.shared.numbers import number
from profiles.queries.schema_suggestions import event_names

MOST_PAGES = 1_000_000


@role_required("analyst")
@require_GET
def journey_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is where, since when, and why."""
    journey = get_journey(pk)
    form = PeopleFilterForm(request.GET, steps=whereabouts.steps(journey))
    filters = form.cleaned_data if form.is_valid() else {}
    page = min(number(request.GET.get("page")) or 1, MOST_PAGES)
    rows, more = whereabouts.page(journey, filters, page)
    ways, targets = whereabouts.onward(journey, filters.get("node", ""))
    context = {"form": form, "rows": rows, "number": page, "more": more, "filtered": any(filters.values())}
    context |= {"ways": ways, "targets": targets}
    part = request.headers.get("HX-Target") == "people-table"
    name = "journeys/_people_table.html" if part else "journeys/people.html"
    return render(request, name, {**bar(request, journey, "journey_people"), **context})


@role_required("analyst")
@require_GET
def journey_versions(request: HttpRequest, pk: int) -> HttpResponse:
    """Who published what, when."""
    journey = get_journey(pk)
    versions = journey.versions.select_related("published_by").order_by("-number")
    latest = {told.version_id: told for told in journey.publications.order_by("pk")}
    context = {
        "versions": [(version, latest.get(version.pk)) for version in versions],
        "formers": lifecycle.formers(journey),
    }
    return render(request, "journeys/versions.html", {**bar(request, journey, "journey_versions"), **context})


@role_required("marketer")
@require_POST
def journey_restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An old version becomes the draft."""
    journey = get_journey(pk)
    version = get_object_or_404(Version.objects.exclude(state=Version.State.DRAFT), journey=journey, number=number)
    try:
        drafts.restore(journey, version, by=request.user)  # type: ignore[arg-type]
    except drafts.Archived:
        messages.error(request, _("This journey is archived."))
        return redirect("journey_versions", pk)
    messages.success(request, _("Version %(n)s is the draft now. Publish it when you are ready.") % {"n": number})
    return redirect("journey", pk)


@role_required("analyst", to_write="marketer")
@require_http_methods(["GET", "POST"])
def journey_settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Goal, re-entry, topic: they belong to the draft and reach people with the next publication."""
    journey = get_journey(pk)
    form = JourneySettingsForm(request.POST or None, instance=journey.draft or journey.live)
    if request.method == "POST" and form.is_valid():
        try:
            drafts.save_settings(journey, form.values(), by=request.user)  # type: ignore[arg-type]
        except drafts.Archived:
            messages.error(request, _("This journey is archived."))
        else:
            messages.success(request, _("Saved in the draft. Publish to make it count."))
        return redirect("journey_settings", pk)
    context = {
        **bar(request, journey, "journey_settings"),
        "form": form,
        "event_names": event_names(),
        "zones": zones(),
    }
    if not context["may_write"]:
        for field in form.fields.values():
            field.disabled = True
    return render(request, "journeys/settings.html", context, status=422 if form.is_bound else 200)
