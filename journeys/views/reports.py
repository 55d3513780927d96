"""Pages of numbers: the dashboard's fragments, the reports page, a journey's funnel, the messages behind, CSV."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from journeys.forms.reports import MessageFilterForm
from journeys.models import Journey
from journeys.queries.messages import Filters, message_page
from journeys.reports import tables
from journeys.reports.attention import notices
from journeys.reports.dashboard import dashboard
from journeys.reports.funnel import funnel
from journeys.reports.period import PRESETS, Period
from omnichannel.accounts.models import Workspace
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock
from omnichannel.shared.numbers import number


def asked_period(request: HttpRequest) -> Period:
    """The period that the address asks for, in the workspace's zone."""
    return Period.parse(request.GET.dict(), clock.now(), Workspace.get().zone)


@require_safe
@role_required("analyst")
def reports(request: HttpRequest) -> HttpResponse:
    """Everything sent in a period, by day, journey, channel and template."""
    period = asked_period(request)
    context = {
        "period": period,
        "presets": PRESETS,
        "report": dashboard(period, clock.now()),
        "notices": notices(clock.now()),
        "tables": tables.TITLES.items(),
    }
    return render(request, "journeys/reports/reports.html", context)


@require_safe
@role_required("analyst")
def reports_csv(request: HttpRequest, table: str) -> HttpResponse:
    """One table of the reports page as a file."""
    if table not in tables.TITLES:
        raise Http404
    period = asked_period(request)
    return _file(tables.rows(table, dashboard(period, clock.now())), f"{table}-{period.first}-{period.last}.csv")


@require_safe
@role_required("analyst")
def journey_funnel(request: HttpRequest, pk: int) -> HttpResponse:
    """A journey from entry to conversion: the fragment that its Report tab loads."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("journey_report", pk)
    read = funnel(get_object_or_404(Journey.objects.select_related("live", "draft"), pk=pk), asked_period(request))
    return render(request, "journeys/_funnel.html", {"funnel": read, "presets": PRESETS})


@require_safe
@role_required("analyst")
def journey_funnel_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The funnel's steps as a file."""
    journey = get_object_or_404(Journey.objects.select_related("live", "draft"), pk=pk)
    period = asked_period(request)
    return _file(tables.funnel_rows(funnel(journey, period)), f"journey-{pk}-{period.first}-{period.last}.csv")


@require_safe
@role_required("analyst")
def messages(request: HttpRequest) -> HttpResponse:
    """The messages behind a number."""
    period = asked_period(request)
    form = MessageFilterForm(request.GET)
    form.is_valid()
    chosen = form.cleaned_data
    before = request.GET.get("before", "")
    page = message_page(
        Filters(
            start=period.start,
            end=period.end,
            what=chosen.get("what", ""),
            state=chosen.get("state", ""),
            channel=chosen.get("channel", ""),
            journey=getattr(chosen.get("journey"), "pk", None),
            template=getattr(chosen.get("template"), "pk", None),
            before=number(before),
        )
    )
    older = urlencode({**request.GET.dict(), "before": page.last}) if page.last else ""
    context = {"period": period, "form": form, "page": page, "older": older, "presets": PRESETS, "title": _("Messages")}
    return render(request, "journeys/reports/messages.html", context)


def _file(rows: list[list[str]], name: str) -> HttpResponse:
    response = HttpResponse(tables.as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
