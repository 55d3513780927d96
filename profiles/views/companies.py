"""Pages of companies, and the box of companies on the page of a person."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from profiles.forms.attribute import TYPES, AttributeForm
from profiles.models import Account, AccountMember, Profile
from profiles.queries import companies as queries
from profiles.services import companies

PAGE = 50


@require_GET
@role_required("analyst")
def index(request: HttpRequest) -> HttpResponse:
    """All companies."""
    search, sort = _text(request, "q"), request.GET.get("sort", "")
    sort = sort if sort in queries.SORTS else next(iter(queries.SORTS))
    found = queries.companies(search, sort)
    facts = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "search": search,
        "sort": sort,
        "sorts": [(key, label) for key, (label, _order) in queries.SORTS.items()],
        "any": bool(search) or Account.objects.exists(),
    }
    fragment = request.headers.get("HX-Target") == "company-rows"
    return render(request, "profiles/_company_rows.html" if fragment else "profiles/companies.html", facts)


@require_GET
@role_required("analyst")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One company: what is known of it, and its people."""
    company, search = get_object_or_404(queries.found(), pk=pk), _text(request, "q")
    facts = {
        **_attributes(company),
        "page": Paginator(queries.people(company, search), PAGE).get_page(request.GET.get("page")),
        "search": search,
    }
    fragment = request.headers.get("HX-Target") == "company-people"
    return render(request, "profiles/_company_people.html" if fragment else "profiles/company.html", facts)


@require_http_methods(["GET", "POST", "DELETE"])
@role_required("analyst", to_write="marketer")
def attributes(request: HttpRequest, pk: int) -> HttpResponse:
    """The card of attributes: shown, one of them being edited (`name`), saved, removed."""
    company, form = get_object_or_404(Account, pk=pk), None
    name, adding = request.GET.get("name", ""), "add" in request.GET
    if request.method == "DELETE":
        companies.change(company, {name: None}, clock.now())
        name = ""
    elif request.method == "POST":
        form = AttributeForm(request.POST)
        name, adding = request.POST.get("name", ""), "add" in request.POST
        if form.is_valid():
            companies.change(company, {form.cleaned_data["name"]: form.cleaned_data["stored"]}, clock.now())
            form, name, adding = None, "", False
    company.refresh_from_db()
    context = {**_attributes(company), "editing": None if adding else name, "adding": adding, "form": form}
    context |= {"chosen_type": request.GET.get("type", ""), "given": request.GET}
    return render(request, "profiles/_company_attributes.html", context, status=422 if form else 200)


@require_GET
@role_required("analyst")
def person_companies(request: HttpRequest, pk: int) -> HttpResponse:
    """The companies of one person; nothing where there are none."""
    profile = get_object_or_404(Profile, pk=pk, merged_into=None)
    return render(request, "profiles/_person_companies.html", {"members": queries.of(profile)})


def _attributes(company: Account) -> dict[str, Any]:
    return {
        "company": company,
        "size": AccountMember.objects.filter(account=company).count(),
        "attributes": queries.attributes(company),
        "types": TYPES,
    }


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:200]
