"""Pages about a segment's people and its past: who is in it or was on a day, how it grew, who changed it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from profiles.forms import moments
from profiles.queries import segment_charts, segment_history, segment_list, segment_versions

PAGE = 50
SPANS = (7, 30, 90, 365)


@require_GET
@role_required("analyst")
def people(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Who is in it, or was at the end of a day, since when and why."""
    segment = segment_list.get(segment_id)
    search, day = (request.GET.get(name, "").strip() for name in ("q", "at"))
    at = moments.end_of(day, timezone.get_current_timezone()) if day else None
    if at is None or at >= clock.now():
        page: Any = Paginator(segment_list.members(segment, search), PAGE).get_page(request.GET.get("page"))
    else:
        page = Paginator(segment_list.members_at(segment, at, search), PAGE).get_page(request.GET.get("page"))
        page.object_list = segment_history.inside_at(segment, at, page.object_list)
    facts = {"segment": segment, "page": page, "search": search, "day": day, "at": at, "today": timezone.localdate()}
    return render(request, "profiles/segment_people.html", facts)


@require_GET
@role_required("analyst")
def history(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Its size, who came and went, and who changed what it asks."""
    segment = segment_list.get(segment_id)
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, SPANS) else SPANS[1]
    today = timezone.localdate(clock.now())
    facts = {
        "segment": segment,
        "growth": segment_charts.growth(segment, today, days, timezone.get_current_timezone()),
        "days": days,
        "spans": SPANS,
        "check": segment.checks.order_by("-at").first(),
        "versions": segment_versions.versions(segment),
    }
    return render(request, "profiles/segment_history.html", facts)
