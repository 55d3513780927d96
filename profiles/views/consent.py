"""The consent page: topics people subscribe to, and addresses never to be written to."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from profiles.forms.consent import BlockForm, TopicForm
from profiles.ingest.guard import PREFIX
from profiles.models import Suppression, Topic
from profiles.queries.arrivals import suppressions, topics
from profiles.services import suppressions as blocking
from profiles.services import topics as topic_service


@require_safe
@role_required("analyst")
def consent(request: HttpRequest) -> HttpResponse:
    """Both lists."""
    return _page(request, BlockForm())


def _page(request: HttpRequest, form: BlockForm, status: int = 200) -> HttpResponse:
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    page = Paginator(suppressions(text, kind), 25).get_page(request.GET.get("page"))
    facts = {"topics": topics(), "page": page, "q": text, "kind": kind, "form": form}
    return render(request, "profiles/consent.html", facts, status=status)


@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="marketer")
def topic(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One topic: make it or change it."""
    row = get_object_or_404(Topic, pk=pk) if pk else None
    form = TopicForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        if row is None:
            topic_service.create(form.save(commit=False))
        else:
            topic_service.change(form.save(commit=False))
        messages.success(request, _("Saved."))
        return redirect("consent")
    return render(request, "profiles/topic.html", {"form": form, "topic": row}, status=422 if form.is_bound else 200)


@require_POST
@role_required("marketer")
def topic_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a topic with its answers."""
    row = get_object_or_404(Topic, pk=pk)
    try:
        topic_service.delete(row)
    except topic_service.TopicError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” is gone.") % {"name": row.name})
    return redirect("consent")


@require_POST
@role_required("marketer")
def block(request: HttpRequest) -> HttpResponse:
    """Block addresses by hand."""
    form = BlockForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    count = blocking.block(form.cleaned_data["addresses"], clock.now())
    messages.success(request, ngettext("%(n)s address blocked.", "%(n)s addresses blocked.", count) % {"n": count})
    return redirect("consent")


@require_POST
@role_required("marketer")
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Allow messages to an address again."""
    row = get_object_or_404(Suppression, pk=pk)
    try:
        blocking.release(row, clock.now())
    except blocking.AddressError as error:
        messages.error(request, str(error))
    else:
        name = _("This address") if row.address.startswith(PREFIX) else row.address
        messages.success(request, _("%(address)s can get messages again.") % {"address": name})
    return redirect("consent")
