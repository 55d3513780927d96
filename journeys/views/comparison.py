"""What two versions of a journey do differently, on the canvas."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from journeys.queries import comparison
from journeys.views.canvas import get_journey, page_compared
from omnichannel.accounts.permissions import role_required


@role_required("analyst")
@require_GET
def journey_compare(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version beside another, `?with=2`, else beside the one that was live before it."""
    journey = get_journey(pk)
    asked = request.GET.get("with", "")
    versions = comparison.pair(journey, number, int(asked) if asked.isdecimal() and len(asked) < 9 else None)
    if versions is None:
        raise Http404
    old, new = versions
    told = comparison.compared(old, new)
    others = [one for one in journey.versions.order_by("-number") if one.pk != new.pk]
    return page_compared(request, journey, new, told.drawing, {"old": old, "compared": told, "others": others})
