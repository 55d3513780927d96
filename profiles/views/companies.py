"""Pages of companies, and the box of companies on the page of a person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from omnichannel.accounts.permissions import role_required
from profiles.models import Account, AccountMember, Profile
from profiles.queries import companies as queries


@require_GET
@role_required("analyst")
def index(request: HttpRequest) -> HttpResponse:
    """All companies."""
    search = request.GET.get("q", "").replace("\0", "").strip()[:200]
    before = request.GET.get("before", "")
    facts = {"page": queries.companies(search, before), "search": search, "before": before}
    fragment = request.headers.get("HX-Target") == "company-rows"
    return render(request, "profiles/_company_rows.html" if fragment else "profiles/companies.html", facts)


@require_GET
@role_required("analyst")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One company: what is known of it, and its people."""
    company, before = get_object_or_404(Account, pk=pk), request.GET.get("before", "")
    facts = {
        "company": company,
        "attributes": queries.attributes(company),
        "page": queries.people(company, before),
        "before": before,
        "size": AccountMember.objects.filter(account=company).count(),
    }
    return render(request, "profiles/company.html", facts)


@require_GET
@role_required("analyst")
def person_companies(request: HttpRequest, pk: int) -> HttpResponse:
    """The companies of one person; nothing where there are none."""
    profile = get_object_or_404(Profile, pk=pk, merged_into=None)
    return render(request, "profiles/_person_companies.html", {"members": queries.of(profile)})
