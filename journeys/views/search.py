"""The search palette's hits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from journeys.queries import search as finder
from omnichannel.accounts.permissions import role_required


@require_safe
@role_required("analyst")
def search(request: HttpRequest) -> HttpResponse:
    """Hits for what was typed, as a fragment."""
    text = request.GET.get("q", "").strip()[:80]
    groups = finder.search(text, admin=request.user.may("admin"))  # type: ignore[union-attr]
    return render(request, "shell/_hits.html", {"groups": groups, "text": text})
