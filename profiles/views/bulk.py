"""Pages on which many people are exported or changed at once."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.jobs import queries as jobs
from omnichannel.shared import clock
from profiles.bulk import change as changing
from profiles.bulk import columns, deeds, export, who
from profiles.bulk.form import DeedForm
from profiles.queries.schema_suggestions import attributes

PAGES = {"export": "people_export", "change": "people_change"}


@require_POST
@role_required("marketer")
def chosen(request: HttpRequest) -> HttpResponseBase:
    """From the list of people to the page that asks what to do: with those ticked, or with all that were found."""
    page = redirect(PAGES.get(request.POST.get("to", ""), "people_export"))
    found = "&".join(f"ids={one}" for one in request.POST.getlist("ids") if one.isdecimal())
    if "chosen" not in request.GET:
        found = request.POST.get("query", "")
    page["Location"] = f"{page['Location']}?{found}"
    return page


@require_http_methods(["GET", "POST"])
@role_required("marketer")
def people_export(request: HttpRequest) -> HttpResponseBase:
    """Choose columns and a format, and begin."""
    asked, now = _who(request), clock.now()
    error = ""
    if request.method == "POST":
        keys = request.POST.getlist("columns")
        keys += [f"attribute:{one.strip()}" for one in request.POST.get("others", "").split(",") if one.strip()]
        try:
            job = export.start(asked, keys, request.POST.get("format", ""), by=request.user, now=now)  # type: ignore[arg-type]
            return redirect("job", job.pk)
        except (who.WhoError, columns.ColumnError) as refused:
            error = str(refused)
    facts = {"groups": columns.offered(asked.segment), "error": error, "chosen": request.POST.getlist("columns")}
    return _page(request, "profiles/export.html", asked, facts)


@require_http_methods(["GET", "POST"])
@role_required("marketer")
def people_change(request: HttpRequest) -> HttpResponseBase:
    """Say what to do; look at how many it would change; begin."""
    asked, now = _who(request), clock.now()
    form = DeedForm(request.POST or None)
    facts: dict[str, Any] = {"form": form, "names": [one["name"] for one in attributes() if "." not in one["name"]]}
    if request.method == "POST" and form.is_valid():
        deed: deeds.Deed = form.cleaned_data["deed"]
        if "sure" in request.POST:
            return redirect("job", changing.start(asked, deed, by=request.user, now=now).pk)  # type: ignore[arg-type]
        facts |= {"words": deed.words(), "changed": deed.whom(who.found(asked, now)).count(), "given": request.POST}
        return _page(request, "profiles/change_sure.html", asked, facts)
    return _page(request, "profiles/change.html", asked, facts)


@require_POST
@role_required("marketer")
def change_back(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take a change back."""
    job = get_object_or_404(jobs.visible_to(request.user), pk=pk, kind=changing.KIND)  # type: ignore[arg-type]
    try:
        return redirect("job", changing.start_back(job, by=request.user, now=clock.now()).pk)  # type: ignore[arg-type]
    except changing.ChangeError as refused:
        messages.error(request, str(refused))
        return redirect("job", pk)


def _who(request: HttpRequest) -> who.Who:
    try:
        return who.of_address(request.GET)
    except who.WhoError as error:
        raise Http404 from error


def _page(request: HttpRequest, template: str, asked: who.Who, facts: dict[str, Any]) -> HttpResponse:
    """With whom it is about; where that cannot be told, only why."""
    status = 422 if facts.get("error") or (facts.get("form") and facts["form"].errors) else 200
    try:
        about = {"who": who.words(asked), "count": who.count(asked, clock.now()), "address": who.address(asked)}
    except who.WhoError as error:
        return render(request, "profiles/bulk_refused.html", {"error": error}, status=409)
    return render(request, template, {**about, "by_hand": asked.ids is not None, **facts}, status=status)
