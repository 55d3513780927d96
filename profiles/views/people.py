"""The list of people, and what is done with those who are chosen in it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from profiles.models import PeopleList, Segment
from profiles.queries.people import SORTS, blocked, people_page
from profiles.queries.people_filters import COLUMNS, OPERATORS, WITHOUT_VALUE, Column, PeopleFilters, column, columns
from profiles.queries.schema_suggestions import attributes
from profiles.services import lists

REMEMBERED = "people_columns"
CHOSEN_AT_MOST = 5_000


@require_GET
@role_required("analyst")
def people(request: HttpRequest) -> HttpResponse:
    """Everybody, or those who match the search, the segment, the list and the attribute."""
    after, sort = request.GET.get("after", ""), request.GET.get("sort", "")
    sort = sort if sort in SORTS else SORTS[0]
    filters = _filters(request)
    page = people_page(filters, clock.now(), sort, after)
    shown = columns(_columns(request))
    context: dict[str, Any] = {
        "page": page,
        "blocked": blocked(page.people),
        "filters": filters,
        "sort": sort,
        "after": after,
        "columns": shown,
        "segments": Segment.objects.only("name"),
        "lists": PeopleList.objects.only("name"),
        "sorts": (("seen", _("Last seen")), ("away", _("Longest away")), ("new", _("Newest"))),
    }
    if request.headers.get("HX-Target") == "people-list":
        response = render(request, "profiles/_people.html", context)
        response["HX-Push-Url"] = _address(request, shown)
        return response
    names = [one["name"] for one in attributes()]
    context |= {"names": names, "operators": OPERATORS.items(), "choices": _choices(shown, names)}
    return render(request, "profiles/people.html", context)


@require_POST
@role_required("marketer")
def people_to_list(request: HttpRequest) -> HttpResponseBase:
    """Put those who are chosen on a list, or on a new one."""
    ids = [pk for one in request.POST.getlist("ids")[:CHOSEN_AT_MOST] if (pk := number(one))]
    name, now = request.POST.get("name", "").replace("\0", "").strip()[:120], clock.now()
    try:
        if name:
            people = lists.create(name, "", by=request.user, now=now)  # type: ignore[arg-type]
        else:
            people = get_object_or_404(PeopleList, pk=number(request.POST.get("list")))
        new = lists.add(people, ids, now, f"user:{request.user.pk}")
        told = ngettext("%(n)s person was added to “%(list)s”.", "%(n)s people were added to “%(list)s”.", new)
        messages.success(request, told % {"n": new, "list": people.name})
    except lists.ListError as refused:
        messages.error(request, str(refused))
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "people")


def _filters(request: HttpRequest) -> PeopleFilters:
    given = {name: str(value).replace("\0", "").strip() for name, value in request.GET.items()}
    segment, people = given.get("segment", ""), given.get("list", "")
    name, op, value = given.get("attribute", "")[:100], given.get("op", "eq"), given.get("value", "")[:200]
    asked = bool(name) and op in OPERATORS and bool(value or op in WITHOUT_VALUE)
    return PeopleFilters(
        text=given.get("q", "")[:200],
        segment=get_object_or_404(Segment, pk=number(segment)) if segment.isdecimal() else None,
        list=get_object_or_404(PeopleList, pk=number(people)) if people.isdecimal() else None,
        attribute=(name, op, value) if asked else None,
    )


def _address(request: HttpRequest, shown: list[Column]) -> str:
    """The address that finds the same people again, without what says nothing."""
    kept = request.GET.copy()
    dull = {"sort": SORTS[0], **({} if kept.get("attribute") else {"op": kept.get("op", ""), "value": ""})}
    if [one.key for one in shown] == list(COLUMNS):
        kept.pop("columns", None)
    for name in [name for name, value in kept.items() if value in ("", dull.get(name))]:
        del kept[name]
    return request.path + (f"?{kept.urlencode()}" if kept else "")


def _columns(request: HttpRequest) -> list[str]:
    """Those of the address, which are remembered for the next visit; without any, those of the last one."""
    given = [one.replace("\0", "")[:100] for one in request.GET.getlist("columns")]
    if given:
        request.session[REMEMBERED] = given
    remembered: list[str] = request.session.get(REMEMBERED, [])
    return given or remembered


def _choices(shown: list[Column], names: list[str]) -> list[tuple[Column, bool]]:
    """Every column there could be, and whether it is shown."""
    keys = dict.fromkeys([*COLUMNS, *(one.key for one in shown), *names])
    return [(column(key), any(one.key == key for one in shown)) for key in keys]
