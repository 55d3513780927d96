"""What came of files: how far the work is, the figures, the rows left out, the people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.accounts.models import User
from omnichannel.jobs.models import Job
from omnichannel.shared import sql
from profiles.models import FileImport, PeopleList, Profile

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "imports.sql")
PAGE: Final = 50
RECENT: Final = 50
OUTCOMES: Final[dict[str, Promise]] = {
    "new": gettext_lazy("New people"),
    "updated": gettext_lazy("Updated"),
    "unchanged": gettext_lazy("Unchanged"),
    "skipped": gettext_lazy("Left as they are"),
}
COUNTED: Final[dict[str, tuple[Promise, Promise | str]]] = {
    "repeated": (gettext_lazy("Named again"), gettext_lazy("Rows about somebody an earlier row was about.")),
    "errors": (gettext_lazy("Rows left out"), ""),
    "said": (gettext_lazy("New answers to topics"), ""),
    "refused": (gettext_lazy("Stayed unsubscribed"), gettext_lazy("They had said no.")),
    "listed": (gettext_lazy("Added to the list"), ""),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of what came of a file."""

    label: str | Promise
    count: int
    url: str = ""
    hint: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Work:
    """A check or an import, as it is shown."""

    going: bool
    waiting: bool
    stopping: bool
    done: int
    total: int
    stop_url: str
    figures: Sequence[Figure]
    faults: Sequence[Mapping[str, Any]]
    errors_url: str
    trouble: str
    outdated: bool = False
    people_url: str = ""


def get(pk: int) -> FileImport:
    """A file with its work."""
    return get_object_or_404(FileImport.objects.select_related("job", "check_job", "file", "created_by"), pk=pk)


def checked(run: FileImport, reader: User) -> dict[str, Any]:
    """What the last check said, if there was one."""
    job = run.check_job
    if job is None:
        return {"run": run, "check": None}
    counts = {**dict.fromkeys(("new", "updated", "errors"), 0), **job.cursor.get("counts", {})}
    figures = [Figure(label, counts[name]) for name, label in OUTCOMES.items() if name in counts]
    figures += [Figure(COUNTED[name][0], counts[name]) for name in ("repeated", "errors") if name in counts]
    outdated = (job.params["form"], job.params["plan"]) != (run.form, run.plan)
    return {"run": run, "check": _work(job, reader, figures, outdated=outdated)}


def result(run: FileImport, reader: User) -> dict[str, Any]:
    """What came of the import so far."""
    job = run.job
    if job is None:
        raise LookupError("This file was not brought in.")
    counts = {**dict.fromkeys(("new", "updated", "errors"), 0), **job.cursor.get("counts", {})}
    url = reverse("import_people", args=[run.pk])
    figures = [Figure(label, counts[name], f"{url}?what={name}") for name, label in OUTCOMES.items() if name in counts]
    people = _list(run)
    links = {"listed": reverse("people_list", args=[people.pk])} if people else {}
    figures += [
        Figure(label, counts[name], links.get(name, ""), hint)
        for name, (label, hint) in COUNTED.items()
        if name in counts
    ]
    anybody = any(counts.get(name) for name in OUTCOMES)
    return {"run": run, "work": _work(job, reader, figures, people_url=url if anybody else ""), "state": _word(job)}


def _list(run: FileImport) -> PeopleList | None:
    return PeopleList.objects.filter(pk=run.plan.get("list")).first() if run.plan.get("list") else None


def _work(job: Job, reader: User, figures: Sequence[Figure], **more: Any) -> Work:
    going = job.going
    stored = job.files.filter(pk=job.cursor.get("errors_file")).first()
    theirs = job.by_id == reader.pk or reader.may("admin")  # as the pages of jobs have it
    trouble = ""
    if job.state == Job.State.STOPPED:
        trouble = _("It was stopped after %(n)s rows.") % {"n": f"{job.done:,}"}
    elif job.state == Job.State.FAILED:
        trouble = job.error or _("It could not be finished.")
    return Work(
        going=going,
        waiting=job.state == Job.State.WAITING,
        stopping=going and job.stop_requested,
        done=job.done,
        total=job.total or 0,
        stop_url=reverse("job_stop", args=[job.pk]) if theirs else "",
        figures=figures,
        faults=job.cursor.get("faults", ()),
        errors_url=reverse("job_file", args=[job.pk, stored.pk]) if stored and theirs and not going else "",
        trouble=trouble,
        **more,
    )


def recent() -> list[dict[str, Any]]:
    """The last files, and in a word what came of them."""
    runs = FileImport.objects.select_related("job", "created_by").order_by("-id")[:RECENT]
    return [
        {"run": run, "counts": run.job.cursor.get("counts", {}) if run.job else {}, **_word(run.job)} for run in runs
    ]


def _word(job: Job | None) -> dict[str, str]:
    if job is None:
        return {"word": _("Not brought in yet"), "tone": "grey"}
    words = {
        Job.State.WAITING: (_("Waiting"), "blue"),
        Job.State.RUNNING: (_("Coming in"), "blue"),
        Job.State.DONE: (_("Done"), "green"),
        Job.State.STOPPED: (_("Stopped"), "yellow"),
        Job.State.FAILED: (_("Not finished"), "red"),
    }
    word, tone = words[Job.State(job.state)]
    return {"word": word, "tone": tone}


def tabs(run: FileImport, chosen: str) -> list[dict[str, Any]]:
    """The outcomes that anybody had."""
    url = reverse("import_people", args=[run.pk])
    counts = run.job.cursor.get("counts", {}) if run.job else {}
    found: list[dict[str, Any]] = [{"label": _("Everybody"), "url": url, "active": not chosen}]
    return found + [
        {"label": label, "url": f"{url}?what={name}", "active": chosen == name, "count": counts[name]}
        for name, label in OUTCOMES.items()
        if counts.get(name)
    ]


def people_of(run: FileImport, chosen: str, after: int) -> tuple[list[Profile], int | None]:
    """One page of who came with a file, and where the next begins."""
    outcomes = [chosen] if chosen else list(OUTCOMES)
    bound: dict[str, Any] = {"file_import": run.pk, "outcomes": outcomes, "after": after, "limit": PAGE + 1}
    with connection.cursor() as cursor:
        cursor.execute(SQL["people"], bound)
        found = cursor.fetchall()
    profiles = Profile.objects.in_bulk([pk for _place, pk in found[:PAGE]])
    people = [profiles[pk] for _place, pk in found[:PAGE] if pk in profiles]
    return people, found[PAGE - 1][0] if len(found) > PAGE else None
