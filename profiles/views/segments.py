"""Pages of segments: the list, and one segment with its editor."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnichannel.accounts.audit import last_changed_by
from omnichannel.accounts.permissions import role_required, signed_in
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from omnichannel.shared.seen import OvertakenError, overtaken
from profiles.forms.segments import SegmentForm
from profiles.models import Account, Segment, SegmentDraft
from profiles.queries import audience, companies, segment_charts, segment_list
from profiles.segments.presets import PRESETS, preset
from profiles.services import segment_drafts, segments, usage

PAGE = 50


@require_GET
@role_required("analyst")
def index(request: HttpRequest) -> HttpResponse:
    """All segments, searched and sorted; presets where there is none yet."""
    search, state, sort = (request.GET.get(name, "").strip() for name in ("q", "state", "sort"))
    page = Paginator(segment_list.listed(search, state, sort), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _with_uses(list(page)),
        "may_write": request.user.may("marketer"),  # type: ignore[union-attr]
        "search": search,
        "state": state,
        "sort": sort or "name",
        "states": Segment.State.choices,
        "presets": PRESETS,
        "any": bool(search or state or page.paginator.count),
    }
    return render(request, "profiles/_segment_rows.html" if request.htmx else "profiles/segments.html", context)  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@role_required("marketer")
def new(request: HttpRequest) -> HttpResponse:
    """A new segment, empty, from a preset, or of people at companies like one."""
    start = _start(request)
    kept = None if start else segment_drafts.of(None, signed_in(request))
    form = SegmentForm(request.POST or None, draft=kept, start=start)
    if request.method == "POST" and form.is_valid():
        made = _saved(form, partial(segments.create, by=signed_in(request)))
        if made:
            segment_drafts.drop(None, signed_in(request))
            messages.success(request, _("Saved. The segment is being built."))
            return redirect("segment", made.pk)
    return _editor(request, form, None, kept)


def _start(request: HttpRequest) -> dict[str, Any]:
    company, name = number(request.GET.get("company")), request.GET.get("attribute", "")
    if company is not None:
        condition = companies.alike(get_object_or_404(Account, pk=company), name)
        return {"condition": condition} if condition else {}
    chosen = preset(request.GET.get("preset", ""))
    return {"name": str(chosen.name), "condition": chosen.condition} if chosen else {}


@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="marketer")
def detail(request: HttpRequest, segment_id: int) -> HttpResponse:
    """One segment: who matches, who uses it; its condition can be changed."""
    segment, user = segment_list.get(segment_id), signed_in(request)
    kept = segment_drafts.of(segment, user) if user.may("marketer") else None
    form = SegmentForm(request.POST or None, segment=segment, draft=kept, may_write=user.may("marketer"))
    if request.method == "POST" and form.is_valid():
        if _saved(form, partial(segments.change, segment, seen=request.POST.get("seen"))):
            segment_drafts.drop(segment, user)
            messages.success(request, _("Saved."))
            return redirect("segment", segment.pk)
        segment.refresh_from_db()
    return _editor(request, form, segment, kept)


@require_POST
@role_required("marketer")
def draft(request: HttpRequest, segment_id: int | None = None) -> HttpResponse:
    """Keep what is not saved yet, or throw it away."""
    segment = segment_list.get(segment_id) if segment_id else None
    if "drop" in request.POST:
        segment_drafts.drop(segment, signed_in(request))
        return redirect("segment", segment.pk) if segment else redirect("segment_new")
    kept = segment_drafts.keep(segment, signed_in(request), request.POST.dict(), clock.now())
    return render(request, "profiles/_segment_draft.html", {"kept": kept})


@require_POST
@role_required("marketer")
def duplicate(request: HttpRequest, segment_id: int) -> HttpResponseRedirect:
    """A copy to work on."""
    copy = segments.duplicate(segment_list.get(segment_id), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("This is the copy."))
    return redirect("segment", copy.pk)


@require_POST
@role_required("marketer")
def delete(request: HttpRequest, segment_id: int) -> HttpResponseRedirect:
    """Gone, unless something uses it."""
    segment = segment_list.get(segment_id)
    used = usage.uses([segment.pk])[segment.pk]
    if used:
        names = ", ".join(use.name for use in used)
        messages.error(request, _("Not deleted: it is used by %s. Take it out there first.") % names)
        return redirect("segment", segment.pk)
    segments.delete(segment)
    messages.success(request, _("“%s” is deleted.") % segment.name)
    return redirect("segments")


@require_POST
@role_required("marketer")
def bulk(request: HttpRequest) -> HttpResponseRedirect:
    """Copy or delete several. Those that something uses stay."""
    chosen = segment_list.chosen(request.POST.getlist("ids"))
    if request.POST.get("do") == "duplicate":
        for segment in chosen:
            segments.duplicate(segment, by=request.user)  # type: ignore[arg-type]
        messages.success(request, ngettext("%d copy is made.", "%d copies are made.", len(chosen)) % len(chosen))
    elif request.POST.get("do") == "delete":
        used = usage.uses([segment.pk for segment in chosen])
        kept = [segment for segment in chosen if used[segment.pk]]
        gone = [segment for segment in chosen if segment not in kept]
        for segment in gone:
            segments.delete(segment)
        if gone:
            text = ngettext("%d segment is deleted.", "%d segments are deleted.", len(gone)) % len(gone)
            messages.success(request, text)
        if kept:
            names = ", ".join(segment.name for segment in kept)
            messages.error(request, _("Not deleted, because something uses them: %s.") % names)
    return redirect("segments")


@require_GET
@role_required("analyst")
def state(request: HttpRequest, segment_id: int) -> HttpResponse:
    """How far building is; asks again while it goes on."""
    return render(request, "profiles/_segment_state.html", _about(segment_list.get(segment_id)))


def _saved(form: SegmentForm, save: Callable[..., Segment]) -> Segment | None:
    """Save, or put what stands against it on the form."""
    try:
        return save(**form.cleaned_data)
    except segments.SegmentError as error:
        form.add_error("condition", str(error))
    except OvertakenError:
        form.add_error(None, overtaken(last_changed_by(form.segment) if form.segment else ""))
    return None


def _editor(
    request: HttpRequest, form: SegmentForm, segment: Segment | None, kept: SegmentDraft | None
) -> HttpResponse:
    user, seen = signed_in(request), segment_drafts.mark_of(segment)
    context: dict[str, Any] = {"form": form, "may_write": user.may("marketer"), "others": audience.others(segment)}
    context |= {"seen": seen, "draft": None if form.is_bound else kept}
    if form.is_bound and not form.non_field_errors():
        context["seen"] = request.POST.get("seen", "")
    if segment:
        context |= _about(segment) | {"drafts": segment_drafts.others(segment, user)}
        if context["draft"] and kept and kept.seen != seen:
            context["overtaken"] = overtaken(last_changed_by(segment))
    return render(request, "profiles/segment.html", context, status=422 if form.errors else 200)


def _about(segment: Segment) -> dict[str, object]:
    return {
        "segment": segment,
        "uses": usage.uses([segment.pk])[segment.pk],
        "joined": segment_list.joined_lately(segment, clock.now()),
        "check": segment.checks.order_by("-at").first(),
    }


def _with_uses(found: list[Segment]) -> list[tuple[Segment, list[usage.Use], str]]:
    ids = [segment.pk for segment in found]
    used = usage.uses(ids)
    lines = segment_charts.lines(ids, timezone.localdate(clock.now()), timezone.get_current_timezone())
    return [(segment, used[segment.pk], lines.get(segment.pk, "")) for segment in found]
