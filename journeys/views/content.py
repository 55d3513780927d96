"""The content pages: templates, their editor with a live preview, a test send."""

import json
import secrets
from typing import Any, Final

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from journeys.forms.content import NameForm, content_form, dress
from journeys.models import Template
from journeys.queries import layouts
from journeys.queries import templates as reads
from journeys.queries.preview import preview
from journeys.registry import channels
from journeys.services import messages as sending
from journeys.services import templates as writes
from journeys.views.frames import framed
from omnichannel.accounts.audit import last_changed_by
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from omnichannel.shared.seen import OvertakenError, overtaken
from profiles.models import Profile

FRAME_SECONDS: Final = 900


@role_required("analyst")
@require_GET
def templates(request: HttpRequest) -> HttpResponse:
    """Search and channel stay in the address; htmx takes the table alone."""
    search, channel = request.GET.get("q", "").strip(), request.GET.get("channel", "")
    page = Paginator(reads.listed(search, channel), 50).get_page(request.GET.get("page"))
    used = reads.uses(list(page))
    facts = {
        "rows": [(each, channels().get(each.channel), used[each.pk]) for each in page],
        "page": page,
        "q": search,
        "channel": channel,
        "channels": channels().values(),
        "any": bool(page.paginator.count) or Template.objects.exists(),
    }
    part = request.headers.get("HX-Target") == "templates-table"
    return render(request, f"journeys/content/{'_table' if part else 'templates'}.html", facts)


@role_required("marketer")
@require_http_methods(["GET", "POST"])
def template_new(request: HttpRequest, channel: str) -> HttpResponse:
    """Choose a start; the name can be changed later."""
    if channel not in channels():
        raise Http404
    if request.method == "POST":
        layout = layouts.find(channel, request.POST.get("layout", ""))
        name = request.POST.get("name", "").strip() or (str(layout.label) if layout else _("New message"))
        content = layout.content() if layout else {}
        made = writes.create(channel, name, content, by=request.user)  # type: ignore[arg-type]
        return redirect("template", made.pk)
    facts = {"channel": channels()[channel], "layouts": layouts.of_channel(channel)}
    return render(request, "journeys/content/new.html", facts)


@role_required("analyst", to_write="marketer")
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor. Saving leaves page, cursor and preview alone; only a refused form is drawn again."""
    row = get_object_or_404(Template, pk=pk)
    data = request.POST if request.method == "POST" else None
    name, form = NameForm(data, initial={"name": row.name}), content_form(row.channel, data, row.content)
    dress(name)
    if data is not None and name.is_valid() and form.is_valid():
        try:
            writes.save(row, name.cleaned_data["name"], form.cleaned_data, seen=request.POST.get("seen"))
            return _kept(request, row)
        except OvertakenError:
            row.refresh_from_db()
            name.add_error(None, overtaken(last_changed_by(row)))
        except writes.NameTakenError as error:
            name.add_error("name", str(error))
    facts = {"name_form": name, "form": form, "template": row, "seen": writes.mark_of(row)}
    if data is not None and not name.non_field_errors():
        facts["seen"] = data.get("seen", "")
    if "HX-Request" in request.headers:
        return render(request, "journeys/content/_fields.html", facts, status=422)
    facts |= {
        "channel": channels()[row.channel],
        "people": reads.preview_people(),
        "variables": reads.variables(),
        **_used(row),
    }
    return render(request, "journeys/content/template.html", facts, status=422 if data is not None else 200)


def _kept(request: HttpRequest, row: Template) -> HttpResponse:
    if "HX-Request" not in request.headers:
        messages.success(request, _("Saved."))
        return redirect("template", row.pk)
    facts = {"template": row, "saved": True, "seen": writes.mark_of(row), **_used(row)}
    answer = render(request, "journeys/content/_saved.html", facts)
    answer["HX-Reswap"] = "none"
    if mistake := preview(channels()[row.channel], row.content, None).error:
        text = _("Saved, but it cannot be sent as it is. %(mistake)s") % {"mistake": mistake}
        answer["HX-Trigger"] = json.dumps({"toast": {"text": text, "tone": "danger"}})
    return answer


def _used(row: Template) -> dict[str, Any]:
    uses = reads.uses([row])[row.pk]
    return {"uses": uses, "live": any(use.live for use in uses)}


@role_required("analyst")
@require_GET
def preview_people(request: HttpRequest) -> HttpResponse:
    """Options of the person menu."""
    people = reads.preview_people(request.GET.get("q", "").strip())
    return render(request, "journeys/content/_people.html", {"people": people})


@role_required("analyst")
@require_POST
def template_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What is in the form, saved or not, as this person would get it. The page itself waits for its frame."""
    row = get_object_or_404(Template, pk=pk)
    shown = preview(channels()[row.channel], _typed(request, row), _person(request))
    key = ""
    if "html" in shown.parts:
        key = secrets.token_urlsafe(18)
        cache.set(f"preview:{key}", shown.parts["html"], FRAME_SECONDS)
    facts = {"preview": shown, "key": key, "channel": channels()[row.channel]}
    return render(request, "journeys/content/_preview.html", facts)


@role_required("analyst")
@require_GET
def preview_frame(request: HttpRequest, key: str) -> HttpResponse:
    """The page of a preview."""
    page = cache.get(f"preview:{key}")
    if page is None:
        raise Http404
    return framed(str(page))


@role_required("marketer")
@require_POST
def template_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what is in the form to one address."""
    row = get_object_or_404(Template, pk=pk)
    address = request.POST.get("to", "").strip()
    try:
        sending.send_test(row, _typed(request, row), address, _person(request), clock.now())
        toast = {"text": _("Sent to %(address)s.") % {"address": address}, "tone": "success"}
    except sending.NotSentError as error:
        toast = {"text": str(error), "tone": "danger"}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"toast": toast})})


@role_required("marketer")
@require_POST
def template_duplicate(request: HttpRequest, pk: int) -> HttpResponse:
    """A copy; then go there."""
    made = writes.duplicate(get_object_or_404(Template, pk=pk), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("This is the copy."))
    return redirect("template", made.pk)


@role_required("marketer")
@require_POST
def template_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Refused while a journey needs it."""
    row = get_object_or_404(Template, pk=pk)
    try:
        writes.delete(row)
    except writes.InUseError as error:
        messages.error(request, str(error))
        return redirect("template", pk)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": row.name})
    return redirect("templates")


def _typed(request: HttpRequest, row: Template) -> dict[str, Any]:
    """The content in the form; half-finished answers are shown as they are."""
    form = content_form(row.channel, request.POST)
    form.is_valid()
    return {**row.content, **form.cleaned_data}


def _person(request: HttpRequest) -> Profile | None:
    return Profile.objects.filter(pk=number(request.POST.get("person")) or 0).first()
