"""Bringing people in from a file: the upload, the choices, the check, and what came of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import msgspec
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from omnichannel.accounts.models import User
from omnichannel.accounts.permissions import role_required
from omnichannel.jobs import queries as jobs
from omnichannel.shared import clock
from omnichannel.shared.numbers import number
from profiles.imports import choices as chosen
from profiles.imports import outcome, verbs
from profiles.imports.formats import Format
from profiles.imports.plan import Plan
from profiles.imports.posted import form_of, plan_of
from profiles.imports.upload import IntoDatabase, Received
from profiles.models import FileImport


def reader(request: HttpRequest) -> User:
    """Who looks at the page: `role_required` has let nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


View = Callable[..., HttpResponseBase]


def into_database(view: View) -> View:
    """What is uploaded here goes into the database piece by piece. The handler has to be there before the form is read,
    and the check against forged forms reads it."""
    guarded = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def streamed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        request.upload_handlers = [IntoDatabase(clock.now())]
        return guarded(request, *args, **kwargs)

    return streamed


@require_http_methods(["GET", "POST"])
@role_required("analyst", to_write="marketer")
@into_database
def imports(request: HttpRequest) -> HttpResponse:
    """The files so far, and a place for the next."""
    error = ""
    if request.method == "POST":
        got = request.FILES.get("file")
        if isinstance(got, Received) and got.stored is not None:
            run = verbs.keep(
                got.stored,
                got.name or "",
                got.size or 0,
                got.lines,
                by=reader(request),
                now=clock.now(),
            )
            return redirect("import", run.pk)
        error = got.refused if isinstance(got, Received) else _("Choose a file first.")
    facts = {"imports": outcome.recent(), "error": error}
    return render(request, "profiles/imports/imports.html", facts, status=422 if error else 200)


@never_cache
@require_GET
@role_required("analyst")
def file_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: what its columns become, or what came of it."""
    run = outcome.get(pk)
    for job in (run.job, run.check_job):
        if job is not None and not job.going:
            jobs.mark_seen(reader(request), clock.now(), job)
    facts = outcome.result(run, reader(request)) if run.job_id else chosen.mapping(run, reader(request))
    return render(request, "profiles/imports/result.html" if run.job_id else "profiles/imports/mapping.html", facts)


@require_POST
@role_required("marketer")
def choices(request: HttpRequest, pk: int) -> HttpResponse:
    """Another choice was made: keep it, and show what it means."""
    run = outcome.get(pk)
    try:
        _change(run, request)
    except verbs.FileImportError as error:
        messages.error(request, str(error))
    return render(request, "profiles/imports/_mapping.html", chosen.mapping(outcome.get(pk), reader(request)))


def _change(run: FileImport, request: HttpRequest) -> None:
    form = form_of(request.POST.dict(), msgspec.convert(run.form, Format))
    plan = plan_of(request.POST.dict(), msgspec.convert(run.plan, Plan), request.POST.getlist("keys"))
    verbs.change(run, form, plan)


@require_POST
@role_required("marketer")
def start(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Check the file, or take it in. The button sends the choices, too: the last may not have come by itself."""
    run = outcome.get(pk)
    try:
        if "existing" in request.POST:
            _change(run, request)
        verbs.start(run, kind, by=reader(request), now=clock.now())
    except verbs.FileImportError as error:
        messages.error(request, str(error))
    return redirect("import", run.pk)


@never_cache
@require_GET
@role_required("analyst")
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the check or the import is."""
    run = outcome.get(pk)
    template = "profiles/imports/_result.html" if run.job_id else "profiles/imports/_check.html"
    return render(
        request, template, outcome.result(run, reader(request)) if run.job_id else outcome.checked(run, reader(request))
    )


@require_GET
@role_required("analyst")
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who came with the file."""
    run = outcome.get(pk)
    what, after = request.GET.get("what", ""), request.GET.get("after", "")
    what = what if what in outcome.OUTCOMES else ""
    found, more = outcome.people_of(run, what, number(after) or 0)
    facts = {"run": run, "people": found, "next": more, "after": after, "tabs": outcome.tabs(run, what)}
    return render(request, "profiles/imports/people.html", facts)


@require_POST
@role_required("marketer")
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the file; the people stay."""
    run = outcome.get(pk)
    try:
        verbs.put_away(run)
    except verbs.FileImportError as error:
        messages.error(request, str(error))
        return redirect("import", pk)
    messages.success(request, _("“%(name)s” is gone. The people who came with it are still here.") % {"name": run.name})
    return redirect("imports")
