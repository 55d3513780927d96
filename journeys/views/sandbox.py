"""The sandbox's own switches: the time machine and the simulated customers. Production has neither."""

from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from journeys import wakeup
from journeys.demo import simulate
from journeys.services import sandbox
from omnichannel.accounts.permissions import View, role_required

STEPS: Final = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


def sandbox_only(view: View) -> View:
    """Nothing here exists outside the sandbox."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.SANDBOX:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_POST
@sandbox_only
@role_required("marketer")
def travel(request: HttpRequest) -> HttpResponse:
    """Move the product's clock forward by an hour or a day."""
    by = STEPS.get(request.POST.get("by", ""))
    if by is None:
        raise Http404
    simulate.travel(by)
    for queue in ("inbox", "enter", "advance", "send"):
        wakeup.wake(queue)
    return _back(request)


@require_POST
@sandbox_only
@role_required("marketer")
def simulation(request: HttpRequest) -> HttpResponse:
    """Let the simulated customers live, or stop them."""
    on = request.POST.get("on") == "1"
    sandbox.switch_simulation(on)
    messages.success(request, _("Simulated customers are on.") if on else _("Simulated customers are off."))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    where = request.POST.get("back", "")
    return redirect(where if url_has_allowed_host_and_scheme(where, {request.get_host()}) else reverse("home"))
