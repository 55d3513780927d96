"""Write people into a file, chunk by chunk. What is written and how far it is commit together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel import jobs
from omnichannel.accounts.models import User
from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk import columns, picked, rows, who
from profiles.bulk.as_csv import AsCsv
from profiles.bulk.as_parquet import AsParquet

KIND: Final = "export"
AT_ONCE: Final = 5_000
FORMATS: Final[dict[str, type[AsCsv] | type[AsParquet]]] = {"csv": AsCsv, "parquet": AsParquet}
NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys([*'/\\:*?"<>|', *map(chr, range(32))], " "))


def start(asked: who.Who, keys: Sequence[str], form: str, *, by: User | None, now: datetime) -> Job:
    """Begin an export. WhoError, ColumnError: nothing was begun."""
    if form not in FORMATS:
        raise columns.ColumnError(_("There are two formats: %s.") % ", ".join(FORMATS))
    chosen, name = columns.read(keys), who.words(asked)
    return jobs.start(
        KIND,
        title=_("Export of %(who)s (%(format)s)") % {"who": name, "format": FORMATS[form].label},
        params={"who": who.dump(asked), "columns": columns.dump(chosen), "format": form, "name": name},
        by=by,
        now=now,
        details={"columns": ", ".join(one.header for one in chosen)},
    )


def step(job: Job, now: datetime) -> bool:
    """One chunk; whether more is left."""
    chosen = columns.load(job.params["columns"])
    form = FORMATS[job.params["format"]](job, chosen)
    if "ids" not in job.cursor:
        _pick(job, now)
        return True
    if "file" not in job.cursor:
        if form.look():
            _open(job, form, now)
        return True
    file = StoredFile.objects.get(pk=job.cursor["file"])
    ids = picked.some(job, job.done, AT_ONCE)
    found = rows.load(ids, chosen)
    if not form.write(file, found):
        return True
    job.done += len(ids)
    job.cursor = {**job.cursor, "written": job.cursor.get("written", 0) + len(found)}
    if job.done < (job.total or 0):
        return True
    form.end(file)
    job.result = {"people": job.cursor["written"], "columns": len(chosen)}
    return False


def ended(job: Job, _now: datetime) -> None:
    """Half a file serves nobody."""
    if job.state != Job.State.DONE:
        files.clear(job.files.values_list("pk", flat=True))


def told(job: Job) -> str:
    """What is in the file."""
    if job.state != Job.State.DONE:
        return _("No file was kept, because it would not be whole.")
    people = ngettext("%(n)s person", "%(n)s people", job.result["people"]) % {"n": f"{job.result['people']:,}"}
    wide = ngettext("%(n)s column", "%(n)s columns", job.result["columns"]) % {"n": job.result["columns"]}
    return f"{people}, {wide}."


def _pick(job: Job, now: datetime) -> None:
    try:
        picked.pick(job, who.ids(who.read(job.params["who"]), now), now)
    except who.WhoError as error:
        raise jobs.JobError(str(error)) from error


def _open(job: Job, form: AsCsv | AsParquet, now: datetime) -> None:
    name = job.params["name"].translate(NOT_IN_NAMES)[:120].strip()
    file = files.create(f"{name} {now:%Y-%m-%d}.{form.ending}", form.content_type, now, job=job)
    job.cursor = {**job.cursor, "file": file.pk}
    form.begin(file, now)
