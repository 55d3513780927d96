"""Pages of long work: the bell, all jobs, one job, its files."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from omnichannel.accounts.permissions import role_required
from omnichannel.jobs import queries, work
from omnichannel.jobs.download import download
from omnichannel.jobs.models import Job
from omnichannel.shared import clock
from omnichannel.shared.numbers import number

PAGE = 30


@require_GET
@role_required("analyst")
def jobs(request: HttpRequest) -> HttpResponse:
    """Everything that was started, newest first."""
    page = Paginator(queries.visible_to(request.user), PAGE).get_page(request.GET.get("page"))  # type: ignore[arg-type]
    now = clock.now()
    rows = [{"job": job, "progress": queries.progress(job, now)} for job in page]
    name = "jobs/_jobs.html" if request.headers.get("HX-Target") == "jobs" else "jobs/jobs.html"
    return render(request, name, {"page": page, "rows": rows, "going": any(job.going for job in page)})


@require_GET
@role_required("analyst")
def job(request: HttpRequest, pk: int) -> HttpResponseBase:
    """How far it is, what came of it, what can be fetched."""
    found, now = queries.get(pk, request.user), clock.now()  # type: ignore[arg-type]
    if not found.going:
        queries.mark_seen(request.user, now, found)  # type: ignore[arg-type]
    shown = found.shown_as
    if shown.page:
        return redirect(shown.page(found))
    name = "jobs/_job.html" if request.headers.get("HX-Target") == "job" else "jobs/job.html"
    return render(request, name, _facts(found, now))


@require_POST
@role_required("analyst")
def stop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """After the chunk it is at."""
    found = queries.get(pk, request.user)  # type: ignore[arg-type]
    work.stop(found)
    return HttpResponse(status=204) if "HX-Request" in request.headers else redirect("job", pk=found.pk)


@require_GET
@role_required("analyst")
def file(request: HttpRequest, pk: int, file_id: int) -> StreamingHttpResponse:
    """A download, piece by piece."""
    stored = queries.file_of(queries.get(pk, request.user), file_id)  # type: ignore[arg-type]
    return download(stored, request.user)  # type: ignore[arg-type]


@require_GET
@role_required("analyst")
def bell(request: HttpRequest) -> HttpResponse:
    """What is under way and what has ended, for the head of every page. What was going when it last asked and is over
    now is told at the corner.
    """
    asked = {pk for one in request.GET.getlist("going") if (pk := number(one))}
    return _news(request, asked)


@require_POST
@role_required("analyst")
def seen(request: HttpRequest) -> HttpResponse:
    """What has ended is known."""
    queries.mark_seen(request.user, clock.now())  # type: ignore[arg-type]
    return _news(request, set())


def _news(request: HttpRequest, asked: set[int]) -> HttpResponse:
    found = queries.bell(request.user)  # type: ignore[arg-type]
    for one in found["jobs"]:
        if one.pk in asked and one.state == Job.State.FAILED:
            messages.error(request, _("“%s” could not be finished.") % one.title)
        elif one.pk in asked and one.state == Job.State.DONE:
            messages.success(request, _("“%s” is ready.") % one.title)
    return render(request, "jobs/_bell_news.html", {"bell": found, "oob": True})


def _facts(found: Job, now: datetime) -> dict[str, Any]:
    shown = found.shown_as
    progress = queries.progress(found, now)
    return {
        "job": found,
        "shown": shown,
        "progress": progress,
        "left": queries.words(timedelta(seconds=progress.left)) if progress.left is not None else "",
        "took": queries.words(found.finished_at - found.started_at) if found.finished_at and found.started_at else "",
        "told": shown.told(found) if shown.told and not found.going else "",
        "files": queries.files_of(found),
    }
