"""Adding the people who qualify already to a journey that is live: how many they are, and the job that does it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from journeys.queries.newcomers import newcomers
from journeys.services import existing
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number


@role_required("marketer")
@require_http_methods(["GET", "POST"])
def journey_newcomers(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the dialog. POST: begin, and show how far it is."""
    journey, now, refused = get_journey(pk), clock.now(), ""
    asked = request.POST if request.method == "POST" else request.GET
    days = min(max(number(asked.get("days")) or existing.DAYS, 1), existing.MOST_DAYS)
    if request.method == "POST":
        try:
            job = existing.add_later(journey, request.user, now, days)  # type: ignore[arg-type]
        except existing.NotYetError as error:
            refused = str(error)
        else:
            return HttpResponseClientRedirect(reverse("job", args=[job.pk]))
    context: dict[str, Any] = {
        "journey": journey,
        "days": days,
        "refused": refused,
        "running": existing.running(journey),
        "found": newcomers(journey, days, now),
    }
    return render(request, "journeys/_newcomers.html", context)
