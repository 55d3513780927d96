"""Pages of lists: all of them, one with who is on it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from profiles.forms.lists import ListForm, PasteForm
from profiles.models import PeopleList
from profiles.queries import list_pages
from profiles.services import lists

UNKNOWN_SHOWN = 20


@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="marketer")
def index(request: HttpRequest) -> HttpResponseBase:
    """All lists; a new one."""
    form = ListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = lists.create(given["name"], given["description"], by=request.user, now=clock.now())  # type: ignore[arg-type]
            return redirect("people_list", made.pk)
        except lists.ListError as refused:
            form.add_error("name", str(refused))
    search = request.GET.get("q", "").replace("\0", "").strip()
    context = {"rows": list_pages.listed(search), "search": search, "form": form, "any": PeopleList.objects.exists()}
    fragment = request.headers.get("HX-Target") == "list-rows"
    page = "profiles/_list_rows.html" if fragment else "profiles/lists.html"
    return render(request, page, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="marketer")
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One list; it can be given another name."""
    people = get_object_or_404(PeopleList.objects.select_related("created_by"), pk=pk)
    form = ListForm(request.POST or None, initial={"name": people.name, "description": people.description})
    if request.method == "POST" and form.is_valid():
        try:
            lists.change(people, form.cleaned_data["name"], form.cleaned_data["description"])
            return redirect("people_list", pk)
        except lists.ListError as refused:
            form.add_error("name", str(refused))
            people.refresh_from_db()
    context = {"form": form, "paste": PasteForm(), "uses": lists.asking(people), **_people(request, people)}
    page = "profiles/_list_people.html" if request.headers.get("HX-Target") == "list-people" else "profiles/list.html"
    return render(request, page, context, status=422 if form.errors else 200)


@require_POST
@role_required("marketer")
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Put people on it by pasting, or take one off; the list of who is on it."""
    found, paste, now = get_object_or_404(PeopleList, pk=pk), PasteForm(), clock.now()
    told: dict[str, Any] = {}
    gone = number(request.POST.get("remove"))
    if gone is not None:
        lists.remove(found, [gone], now)
    else:
        paste = PasteForm(request.POST)
        if paste.is_valid():
            try:
                done = lists.paste(found, paste.cleaned_data["people"], now, f"user:{request.user.pk}")
                told = {"done": done, "unknown": done.unknown[:UNKNOWN_SHOWN]}
                paste = PasteForm()
            except lists.ListError as refused:
                paste.add_error("people", str(refused))
    context = {"paste": paste, **told, **_people(request, found)}
    return render(request, "profiles/_list_people.html", context, status=422 if paste.errors else 200)


@require_POST
@role_required("marketer")
def delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The list goes; the people stay."""
    found = get_object_or_404(PeopleList, pk=pk)
    try:
        lists.delete(found)
    except lists.ListError as refused:
        messages.error(request, str(refused))
        return redirect("people_list", pk)
    messages.success(request, _("“%s” is deleted.") % found.name)
    return redirect("people_lists")


def _people(request: HttpRequest, people: PeopleList) -> dict[str, Any]:
    search, before = request.GET.get("q", "").replace("\0", "").strip(), request.GET.get("before", "")
    start = number(before)
    return {
        "list": people,
        "size": list_pages.size(people),
        "page": list_pages.entries(people, search, start),
        "search": search,
        "before": start,
    }
