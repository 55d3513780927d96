"""What journeys ask of the world outside: tasks for colleagues, webhooks and the key that signs them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from journeys.asking import signing
from journeys.models import Request
from journeys.queries import colleagues, webhooks
from journeys.services.colleagues import TaskError, answer
from omnichannel.accounts import audit
from omnichannel.accounts.permissions import role_required, signed_in
from omnichannel.shared import clock


@role_required("analyst")
@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """What is to be done: mine and what is for anybody, or everybody's."""
    everybody = request.GET.get("whose") == "all"
    context = {
        "tasks": colleagues.waiting(None if everybody else signed_in(request), clock.now()),
        "done": colleagues.done(),
        "everybody": everybody,
        "may_write": signed_in(request).may("marketer"),
    }
    return render(request, "journeys/asking/tasks.html", context)


@role_required("marketer")
@require_POST
def task_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """A colleague says how it went."""
    task = get_object_or_404(Request, pk=pk, kind=Request.Kind.TASK)
    try:
        answer(task, request.POST.get("result", ""), request.POST.get("note", ""), signed_in(request), clock.now())
    except TaskError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Noted. The journey goes on for them."))
    return redirect("tasks")


@never_cache
@role_required("admin")
@require_http_methods(["GET", "POST"])
def webhook_calls(request: HttpRequest) -> HttpResponse:
    """GET: the key and the last calls. POST: a new key."""
    now = clock.now()
    if request.method == "POST":
        audit.note("renewed", signing.renew(now), signed_in(request), {})
        messages.success(request, _("This is the new key. The former one signs along for a day."))
        return redirect("webhook_calls")
    context = {"key": signing.keys(now)[0], "calls": webhooks.latest()}
    return render(request, "journeys/asking/webhooks.html", context)
