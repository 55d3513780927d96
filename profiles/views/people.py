"""The list of people, and the page of one person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from omnichannel.accounts.permissions import role_required
from profiles.models import Segment
from profiles.queries.people import SORTS, blocked, people_page


@require_GET
@role_required("analyst")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, or those who match the search and the segment."""
    text, after = request.GET.get("q", "")[:200].strip(), request.GET.get("after", "")
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else SORTS[0]
    chosen = request.GET.get("segment", "")
    segment = get_object_or_404(Segment, pk=chosen) if chosen.isdecimal() else None
    page = people_page(text, segment, sort, after)
    context: dict[str, Any] = {
        "page": page,
        "blocked": blocked(page.people),
        "q": text,
        "segment": segment,
        "sort": sort,
        "after": after,
        "segments": Segment.objects.only("name"),
        "sorts": (("seen", _("Last seen")), ("away", _("Longest away")), ("new", _("Newest"))),
    }
    fragment = request.headers.get("HX-Target") == "people-list"
    return render(request, "profiles/_people.html" if fragment else "profiles/people.html", context)
