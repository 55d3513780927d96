"""A drawing over the last days: start it, watch it, read what would have happened on the canvas and beside it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from journeys.forms.backtest import BacktestForm
from journeys.queries import backtests, counts, past
from journeys.services import backtest, drafts
from journeys.views.canvas import get_journey, page_beside
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock

TAB = "journey_test"
MOST = 3  # messages to one person that are nobody's wish to exceed


@role_required("analyst", to_write="marketer")
@require_http_methods(["GET", "POST"])
def journey_backtests(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the form, and earlier runs. POST: begin one."""
    journey, now = get_journey(pk), clock.now()
    opened, clicked = past.shares(now)
    nodes = list(drafts.current(journey).nodes.order_by("y", "x"))
    form = BacktestForm(request.POST or None, nodes=nodes, initial={"opened": opened, "clicked": clicked})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        assumed = backtest.Assumed(values["opened"], values["clicked"], values["answers"])
        try:
            job = backtest.start(journey, values["days"], assumed, by=request.user, now=now)  # type: ignore[arg-type]
        except backtest.CannotBacktestError as error:
            form.add_error(None, str(error))
        else:
            return redirect("journey_backtest", pk, job.pk)
    facts = {"form": form, "runs": backtests.runs(journey)}
    nothing = reverse("journey_no_counts", args=[pk])
    page = page_beside(request, journey, drafts.current(journey), TAB, "journeys/_backtest_form.html", facts, nothing)
    page.status_code = 422 if form.is_bound else 200
    return page


@role_required("analyst")
@require_GET
def journey_backtest(request: HttpRequest, pk: int, job: int) -> HttpResponse:
    """One run: the numbers grow on the cards while it goes on."""
    journey = get_journey(pk)
    most = request.GET.get("most", "")
    run = backtests.run(journey, job, int(most) if most.isdecimal() and len(most) < 4 else MOST, clock.now())
    if request.headers.get("HX-Target") == "backtest":
        return render(request, "journeys/_backtest.html", {"journey": journey, "run": run})
    numbers = reverse("journey_backtest_counts", args=[pk, job])
    facts: dict[str, Any] = {"run": run, "runs": backtests.runs(journey)}
    return page_beside(request, journey, drafts.current(journey), TAB, "journeys/_backtest_panel.html", facts, numbers)


@role_required("analyst")
@require_GET
def journey_backtest_counts(request: HttpRequest, pk: int, job: int) -> JsonResponse:
    """Numbers by card, as far as the run is."""
    found = backtests.get(get_journey(pk), job)
    nodes = counts.of_metrics(found.result.get("nodes", {}))
    return JsonResponse(counts.answer(nodes, counts.NEVER_REPLAYED))


@role_required("analyst")
@require_GET
def journey_no_counts(request: HttpRequest, pk: int) -> JsonResponse:
    """No numbers yet."""
    return JsonResponse(counts.answer({}, counts.NEVER_REPLAYED))
