"""Pages of companies, and the box of companies on the page of a person."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_http_methods

from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from profiles.models import Account, AccountMember, Profile
from profiles.queries import companies as queries
from profiles.services import companies
from profiles.views.attribute_card import attribute_card

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
    """The card of attributes."""
    company = get_object_or_404(Account, pk=pk)

    def change(name: str, value: Any) -> None:
        companies.change(company, {name: value}, clock.now())
        company.refresh_from_db()

    return attribute_card(request, change, lambda: _attributes(company))


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
    }


def _text(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:200]
