"""What the editor of conditions asks while somebody edits: suggestions, counts, the preview beside it."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from profiles.queries import audience, schema_suggestions
from profiles.segments import ast, describe

MOST_BYTES = 200_000


@require_GET
@role_required("analyst")
def schema(request: HttpRequest) -> JsonResponse:
    """Names, types and values found in the data; with `event`, the properties of that event."""
    event = request.GET.get("event", "")
    if event:
        return JsonResponse({"properties": schema_suggestions.event_properties(event)})
    return JsonResponse(schema_suggestions.schema())


@require_POST
@role_required("analyst")
def count(request: HttpRequest) -> JsonResponse:
    """How many people match each row, by its path. Asking changes nothing, so analysts may."""
    try:
        return JsonResponse({"rows": audience.row_counts(_asked(request), clock.now())})
    except ast.ConditionError as error:
        return JsonResponse({"rows": {}, "error": error.message, "path": error.path})


@require_POST
@role_required("analyst")
def preview(request: HttpRequest) -> HttpResponse:
    """Who matches what is drawn now: count, reach, some people, in words. What is unfinished matches nobody."""
    asked = _asked(request)
    try:
        condition = ast.parse(asked, unfinished=True)
    except ast.ConditionError as error:
        condition = ast.Unfinished(error.path, error.message)
    unfinished = [leaf for leaf in ast.leaves(condition) if isinstance(leaf, ast.Unfinished)]
    context = {
        "audience": audience.audience(condition, clock.now()),
        "unfinished": unfinished,
        "empty": isinstance(asked, dict) and asked.get("of") == [],
        "words": "" if unfinished else describe.in_words(condition),
    }
    return render(request, "profiles/_segment_preview.html", context)


def _asked(request: HttpRequest) -> Any:
    text = request.POST.get("condition", "")
    try:
        return json.loads(text) if text and len(text) <= MOST_BYTES else None
    except (json.JSONDecodeError, RecursionError):
        return None
