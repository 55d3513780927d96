"""The list of people, and the page of one person."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from omnichannel.accounts.models import Workspace
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from profiles.forms.attribute import TYPES, AttributeForm, as_text, type_of
from profiles.models import Profile, Segment
from profiles.queries import person as queries
from profiles.queries.people import SORTS, blocked, people_page
from profiles.services.people import set_attribute


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
    count, total = queries.orders(profile)
    context = {
        "profile": profile,
        "identities": [(queries.IDENTITY_WORDS.get(one.kind, one.kind), one) for one in identities],
        "reach": queries.reach(profile, identities),
        "memberships": queries.memberships(profile),
        "consents": queries.consents(profile),
        "order_count": count,
        "order_total": total,
        "currency": Workspace.get().currency,
        **_timeline_context(request, profile),
        **_attributes_context(request, profile),
    }
    return render(request, "profiles/person.html", context)


@require_GET
@role_required("analyst")
def person_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Lines of the timeline: another kind, or earlier ones."""
    profile = get_object_or_404(Profile, pk=pk)
    context = _timeline_context(request, profile)
    return render(request, "profiles/_lines.html" if context["before"] else "profiles/_timeline.html", context)


@require_http_methods(["GET", "POST", "DELETE"])
@role_required("analyst", to_write="marketer")
def person_attributes(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of attributes: shown, one of them being edited (`name`), saved, removed."""
    profile = get_object_or_404(Profile, pk=pk, merged_into=None)
    edited: dict[str, Any] = {"editing": request.GET.get("name"), "adding": "add" in request.GET}
    status = 200
    if request.method == "DELETE":
        set_attribute(profile, request.GET.get("name", ""), None, by=request.user, now=clock.now())  # type: ignore[arg-type]
        edited = {}
    elif request.method == "POST":
        form = AttributeForm(request.POST)
        if form.is_valid():
            name, value = form.cleaned_data["name"], form.cleaned_data["stored"]
            set_attribute(profile, name, value, by=request.user, now=clock.now())  # type: ignore[arg-type]
            edited = {}
        else:
            editing = None if "add" in request.POST else request.POST.get("name")
            edited, status = {"form": form, "editing": editing, "adding": "add" in request.POST}, 422
    profile.refresh_from_db()
    context = {**_attributes_context(request, profile), **edited, "profile": profile}
    return render(request, "profiles/_attributes.html", context, status=status)


def _timeline_context(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    kind = kind if kind in queries.FILTERS else ""
    before = request.GET.get("before", "")
    return {
        "profile": profile,
        "timeline": queries.timeline(profile, kind, before),
        "kind": kind,
        "before": before,
        "filters": queries.FILTERS.items(),
    }


def _attributes_context(request: HttpRequest, profile: Profile) -> dict[str, Any]:
    """Rows of (name, what is shown, type it is edited as, text in its input)."""
    shown = [
        (name, list(queries.flat(value)) if isinstance(value, dict) else as_text(value), type_of(value), as_text(value))
        for name, value in sorted(profile.attributes.items())
    ]
    return {"attributes": shown, "types": TYPES, "may_write": request.user.may("marketer")}  # type: ignore[union-attr]
