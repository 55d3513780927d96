"""Pages that tell why somebody is in a journey, why not, and what comes next."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from journeys.queries import explain
from journeys.views.bar import bar
from journeys.views.canvas import get_journey
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number


@require_GET
@role_required("analyst")
def journey_explain(request: HttpRequest, pk: int, person: int) -> HttpResponse:
    """One person: every step with what decided it; what is missing where they are not inside."""
    journey = get_journey(pk)
    told = explain.explanation(journey, person, clock.now())
    return render(request, "journeys/explain.html", {**bar(request, journey, "journey_people"), **_facts(told)})


@require_GET
@role_required("analyst")
def journey_find(request: HttpRequest, pk: int) -> HttpResponse:
    """People to whom a text points, each with a way to the reasons."""
    asked = request.GET.get("q", "").replace("\0", "").strip()
    found = explain.found(asked) if asked else []
    unknown = explain.nobody(asked) if asked and not found else ""
    facts = {"journey": get_journey(pk), "asked": asked, "found": found, "unknown": unknown}
    return render(request, "journeys/_people_found.html", facts)


@require_GET
@role_required("analyst")
def profile_why(request: HttpRequest, pk: int) -> HttpResponse:
    """The same for the page of a person, who asks about one journey."""
    asked = request.GET.get("journey", "")
    if not asked:
        return HttpResponse("")
    journey = number(asked)
    if journey is None:
        raise Http404
    told = explain.explanation(get_journey(journey), pk, clock.now())
    return render(request, "journeys/_explanation.html", _facts(told))


def _facts(told: explain.Explanation) -> dict[str, object]:
    return {
        "profile": told.profile,
        "passages": told.passages,
        "why_not": told.why_not,
        "unknown": told.unknown,
    }
