"""What people do with a file: bring it, say what its columns are, check it, take it in, put it away."""

from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from omnichannel import jobs
from omnichannel.accounts.models import User
from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.imports.formats import SAMPLE, Format, sniff
from profiles.imports.guess import guess
from profiles.imports.plan import GONE, Plan, problems
from profiles.imports.reading import first_rows
from profiles.models import FileImport, Topic
from profiles.services import lists

GUESSED_FROM = 200  # rows


class FileImportError(ValueError):
    """What cannot be done; the text is for the person who asked."""


def keep(stored: StoredFile, name: str, size: int, lines: int, *, by: User | None, now: datetime) -> FileImport:
    """A file has come: guess how it is written and what its columns are."""
    with files.open(stored) as file:
        form = sniff(file.read(SAMPLE))
    run = FileImport(name=name[:255], size=size, lines=lines, file=stored, created_by=by, created_at=now)
    run.form = msgspec.to_builtins(form)
    run.plan = msgspec.to_builtins(guessed(stored, form))
    run.save()
    return run


def guessed(stored: StoredFile, form: Format) -> Plan:
    """What the columns of the file probably are."""
    with files.open(stored) as file:
        columns, rows = first_rows(file, form, GUESSED_FROM)
    return guess(columns, rows, form, dict(Topic.objects.filter(transactional=False).values_list("slug", "name")))


@transaction.atomic
def change(run: FileImport, form: Format, plan: Plan) -> None:
    """Keep the choices. Read in another way, the file may have other columns: then they are guessed anew."""
    run = FileImport.objects.select_for_update().get(pk=run.pk)
    refuse_running(run)
    before = msgspec.convert(run.form, Format)
    if run.file is not None and (form.encoding, form.delimiter, form.header) != (
        before.encoding,
        before.delimiter,
        before.header,
    ):
        with files.open(run.file) as file:
            columns, _rows = first_rows(file, form, 1)
        if columns != [one.name for one in plan.columns]:
            plan = msgspec.structs.replace(
                guessed(run.file, form), existing=plan.existing, topic=plan.topic, quiet=plan.quiet
            )
    run.form, run.plan = msgspec.to_builtins(form), msgspec.to_builtins(plan)
    run.save(update_fields=["form", "plan"])


@transaction.atomic
def start(run: FileImport, kind: str, *, by: User | None, now: datetime) -> Job:
    """Begin to check ("import_check") or to take in ("import")."""
    run = FileImport.objects.select_for_update(of=("self",)).select_related("job").get(pk=run.pk)
    refuse_running(run)
    if run.file is None:
        over = run.job is not None and run.job.state == Job.State.DONE
        raise FileImportError(_("The people of this file are in already.") if over else str(GONE))
    plan = msgspec.convert(run.plan, Plan)
    found = problems(plan)
    if found:
        raise FileImportError(found[0])
    if kind == "import":
        _make_list(run, plan, by, now)
    title = (_("Bringing in %(name)s") if kind == "import" else _("Checking %(name)s")) % {"name": run.name}
    job = jobs.start(kind, title=title, params={"import": run.pk, "form": run.form, "plan": run.plan}, by=by, now=now)
    if kind == "import" and run.job is not None:
        _go_on(job, run.job)
    field = "job" if kind == "import" else "check_job"
    setattr(run, field, job)
    run.save(update_fields=[field, "plan"])
    return job


def _go_on(job: Job, stopped: Job) -> None:
    """What was stopped, or could not go on, is taken up where it was."""
    job.cursor, job.done, job.total = stopped.cursor, stopped.done, stopped.total
    job.save(update_fields=["cursor", "done", "total"])
    StoredFile.objects.filter(job=stopped).update(job=job)


def _make_list(run: FileImport, plan: Plan, by: User | None, now: datetime) -> None:
    name = plan.new_list.strip()
    if not plan.new_list:
        return
    if not name:
        raise FileImportError(_("Give the new list a name."))
    try:
        made = lists.create(name, "", by=by, now=now)
    except lists.ListError as error:
        raise FileImportError(str(error)) from error
    run.plan = msgspec.to_builtins(msgspec.structs.replace(plan, list_id=made.pk, new_list=""))


def refuse_running(run: FileImport) -> None:
    """Nothing changes under work that is going on."""
    pks = [pk for pk in (run.job_id, run.check_job_id) if pk]
    if Job.objects.filter(pk__in=pks, state__in=Job.UNFINISHED).exists():
        raise FileImportError(_("This file is being worked on. Wait until that is done, or stop it."))


@transaction.atomic
def put_away(run: FileImport) -> None:
    """Forget the file and what was to be done with it; the people who came in stay."""
    run = FileImport.objects.select_for_update().get(pk=run.pk)
    refuse_running(run)
    if run.file is not None:
        files.delete(run.file)
    run.delete()
