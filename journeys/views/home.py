"""Home: a guide on the first day, the dashboard from then on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from journeys.queries import first_run
from journeys.reports.attention import notices
from journeys.reports.dashboard import dashboard
from journeys.reports.period import PRESETS, Period
from omnichannel.accounts.models import Workspace
from omnichannel.accounts.permissions import role_required
from omnichannel.shared import clock


@require_safe
@role_required("analyst")
def home(request: HttpRequest) -> HttpResponse:
    """What matters today; `?guide=1` shows the first steps again."""
    now = clock.now()
    if first_run.is_first_day() or "guide" in request.GET:
        steps = first_run.steps()
        upcoming = next((step for step in steps if not step.done), None)
        return render(request, "journeys/first_run.html", {"steps": steps, "upcoming": upcoming})
    period = Period.parse(request.GET.dict(), now, Workspace.get().zone)
    facts = {"period": period, "presets": PRESETS, "report": dashboard(period, now), "notices": notices(now)}
    return render(request, "home.html", facts | {"greeting": greeting(timezone.localtime(now).hour)})


def greeting(hour: int) -> str:
    """Said above the dashboard, by the reader's own clock."""
    if hour < 12:
        return _("Good morning")
    return _("Good afternoon") if 12 <= hour < 18 else _("Good evening")
