"""The page of one person, and its parts that load by themselves."""

from datetime import datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from omnichannel.accounts.models import Workspace
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock, slots
from profiles.models import Profile
from profiles.queries import attribute_rows
from profiles.queries import person as queries
from profiles.queries.portrait import portrait
from profiles.queries.reach import answers, reach
from profiles.queries.timeline import SLOT, timeline


@require_GET
@role_required("analyst")
def person(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One person. Old addresses of merged profiles lead to who they are today."""
    profile, survivor = queries.resolve(pk)
    if survivor:
        return redirect("person", survivor, permanent=False)
    if profile is None:
        raise Http404
    identities = queries.identities(profile)
    topics = answers(profile)
    context = {
        "profile": profile,
        "portrait": portrait(profile, clock.now()),
        "identities": [(queries.IDENTITY_WORDS.get(one.kind, one.kind), one) for one in identities],
        "reach": reach(profile, identities, topics),
        "memberships": queries.memberships(profile),
        "topics": topics,
        **orders_context(request, profile),
        **notes_context(request, profile),
        **lists_context(profile),
        **timeline_context(request, profile),
        **attribute_rows.context(profile),
    }
    return render(request, "profiles/person.html", context)


@require_GET
@role_required("analyst")
def person_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Lines of the timeline: other filters, which the address of the page keeps, or earlier ones."""
    profile = get_object_or_404(Profile, pk=pk, merged_into=None)
    context = timeline_context(request, profile)
    if context["before"]:
        return render(request, "profiles/_lines.html", context)
    response = render(request, "profiles/_timeline_lines.html", context)
    kept = request.GET.copy()
    for name in [name for name, value in kept.items() if not value]:
        del kept[name]
    response["HX-Push-Url"] = reverse("person", args=[pk]) + (f"?{kept.urlencode()}" if kept else "")
    return response


@require_GET
@role_required("analyst")
def person_orders(request: HttpRequest, pk: int) -> HttpResponse:
    """Earlier orders."""
    profile = get_object_or_404(Profile, pk=pk, merged_into=None)
    return render(request, "profiles/_order_rows.html", {"profile": profile, **orders_context(request, profile)})


def timeline_context(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    """The lines that the address asks for."""
    filters = slots.kinds(SLOT)
    kind = request.GET.get("kind", "")
    kind = kind if kind in filters else ""
    before, text = request.GET.get("before", ""), request.GET.get("text", "").replace("\0", "").strip()[:100]
    until = _day(request.GET.get("until", ""))
    end = _end_of(until) if until else None
    return {
        "profile": profile,
        "timeline": timeline(profile, kind, before, text, end),
        "kind": kind,
        "text": text,
        "until": until.isoformat() if until else "",
        "before": before,
        "filters": filters.items(),
    }


def orders_context(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    """Some orders, and where earlier ones start."""
    found, more = queries.orders(profile, Workspace.get().currency, request.GET.get("orders", ""))
    return {"orders": found, "more_orders": more}


def notes_context(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    """The latest notes: (note, may it be changed, may it be deleted)."""
    found, me = queries.notes(profile), request.user
    admin = me.may("admin")  # type: ignore[union-attr]
    rows = [(note, note.by_id == me.pk, admin or note.by_id == me.pk) for note in found[: queries.NOTES]]
    return {"notes": rows, "more_notes": len(found) > queries.NOTES}


def lists_context(profile: Profile) -> dict[str, Any]:
    """The lists somebody is on, and the others."""
    entries = queries.lists(profile)
    return {"entries": entries, "other_lists": queries.other_lists(entries)}


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _end_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
