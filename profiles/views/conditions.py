"""What the editor of conditions asks while somebody edits: suggestions, counts, the cards beside it."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from profiles.models import Profile, Segment
from profiles.queries import audience, schema_suggestions, size_trend
from profiles.queries.explanation import explained
from profiles.queries.row_counts import row_counts
from profiles.segments import ast, describe

MOST_BYTES = 200_000


@require_GET
@role_required("analyst")
def schema(request: HttpRequest) -> JsonResponse:
    """Kinds of conditions, names, types and values found in the data; with `event`, the properties of that event."""
    event = request.GET.get("event", "")
    if event:
        return JsonResponse({"properties": schema_suggestions.event_properties(event)})
    return JsonResponse(schema_suggestions.schema())


@require_POST
@role_required("analyst")
def count(request: HttpRequest) -> JsonResponse:
    """How many people match each row, by its path, and what others need. Asking changes nothing, so analysts may."""
    try:
        with audience.patient():
            found = row_counts(_posted(request), clock.now())
    except ast.ConditionError as error:
        return JsonResponse({"rows": {}, "problems": {error.path: error.message}})
    except audience.TooSlowError:
        return JsonResponse({"rows": {}, "problems": {}})
    return JsonResponse({"rows": found.rows, "problems": found.problems})


def _card(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """A card about the posted condition: `view(request, condition, …)`, or a word of regret where it takes too long."""

    @require_POST
    @role_required("analyst")
    @wraps(view)
    def asked(request: HttpRequest, **more: Any) -> HttpResponse:
        try:
            with audience.patient():
                return view(request, _condition(request), **more)
        except audience.TooSlowError:
            return render(request, "profiles/_segment_slow.html")

    return asked


@_card
def preview(request: HttpRequest, condition: ast.Condition) -> HttpResponse:
    """How many match what is drawn now, and the whole in words. What is unfinished matches nobody."""
    unfinished = [leaf for leaf in ast.leaves(condition) if isinstance(leaf, ast.Unfinished)]
    context = {
        "audience": audience.counted(condition, clock.now()),
        "unfinished": unfinished,
        "empty": not request.POST.get("condition"),
        "words": "" if unfinished else describe.in_words(condition),
        "trend": size_trend.trend(_number(request, "segment"), clock.now()),
    }
    return render(request, "profiles/_segment_preview.html", context)


@_card
def reach(request: HttpRequest, condition: ast.Condition) -> HttpResponse:
    """How they can be reached, and some of them."""
    now = clock.now()
    found = audience.reach(condition, now)
    people = audience.some(condition, now) if found.count else []
    return render(request, "profiles/_segment_reach.html", {"reach": found, "people": people})


@_card
def overlap(request: HttpRequest, condition: ast.Condition) -> HttpResponse:
    """How many are in another segment too."""
    chosen = _number(request, "other")
    if chosen is None:
        return HttpResponse("")
    segment = get_object_or_404(Segment, pk=chosen)
    found = audience.overlap(condition, segment, clock.now())
    return render(request, "profiles/_segment_overlap.html", {"overlap": found, "other": segment})


@_card
def why(request: HttpRequest, condition: ast.Condition, profile_id: int) -> HttpResponse:
    """Each question with what was found for this person."""
    person = get_object_or_404(Profile, pk=profile_id, merged_into=None)
    lines = explained(condition, person.pk, clock.now())
    return render(request, "profiles/_segment_why.html", {"person": person, "lines": lines})


def _condition(request: HttpRequest) -> ast.Condition:
    try:
        return ast.parse(_posted(request), unfinished=True)
    except ast.ConditionError as error:
        return ast.Unfinished(error.path, error.message)


def _posted(request: HttpRequest) -> Any:
    text = request.POST.get("condition", "")
    try:
        return json.loads(text) if text and len(text) <= MOST_BYTES else None
    except (json.JSONDecodeError, RecursionError):
        return None


def _number(request: HttpRequest, name: str) -> int | None:
    return number(request.POST.get(name))
