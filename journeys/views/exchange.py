"""Journeys that come and go: from a template, from a file, into a file."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from journeys.forms.exchange import ImportForm
from journeys.queries import exchange
from journeys.services import blueprints
from journeys.services.build import SpecError
from journeys.services.exchange import bring_in
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock


@role_required("analyst")
@require_GET
def journey_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The journey as YAML, with everything it uses."""
    journey = get_journey(pk)
    name = slugify(journey.name) or f"journey-{pk}"
    return HttpResponse(
        exchange.text(journey),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.yaml"'},
    )


@role_required("marketer")
@require_http_methods(["GET", "POST"])
def journey_import(request: HttpRequest) -> HttpResponse:
    """A file, or pasted text, becomes a draft."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            journey = bring_in(form.cleaned_data["yaml"], request.user, clock.now())  # type: ignore[arg-type]
        except SpecError as error:
            form.add_error(None, f"{error.path}: {error.text}" if error.path else error.text)
        else:
            messages.success(request, _("This is the draft. Nobody is inside until you publish it."))
            return redirect("journey", journey.pk)
    return render(request, "journeys/import.html", {"form": form}, status=422 if form.is_bound else 200)


@role_required("marketer")
@require_POST
def journey_start(request: HttpRequest, key: str) -> HttpResponse:
    """A new journey from a template."""
    try:
        journey = blueprints.start(key, request.user, clock.now())  # type: ignore[arg-type]
    except LookupError as error:
        raise Http404 from error
    except SpecError as error:
        messages.error(request, error.text)
        return redirect("journey_new")
    messages.success(request, _("Look through the messages, then choose who sends them and publish."))
    return redirect("journey", journey.pk)


@role_required("marketer")
@require_POST
def journey_save_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep it to start others from."""
    saved = blueprints.save_as(get_journey(pk), request.user, clock.now())  # type: ignore[arg-type]
    messages.success(request, _("Saved. You find “%(name)s” among the templates of new journeys.") % {"name": saved})
    return redirect("journey", pk)


@role_required("marketer")
@require_POST
def blueprint_delete(request: HttpRequest, key: str) -> HttpResponse:
    """Forget a saved template."""
    blueprints.delete(key)
    messages.success(request, _("The template is gone. Journeys that began with it stay."))
    return redirect("journey_new")
