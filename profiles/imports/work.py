"""The long work: a file taken in batch by batch. What a batch did and how far the file is read commit together."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.utils import DataError

from omnichannel.jobs import JobError, files
from omnichannel.jobs.models import Job
from omnichannel.shared import failpoints
from profiles.imports import effects
from profiles.imports.errors import ErrorFile
from profiles.imports.formats import Format
from profiles.imports.people import Fault, Maker
from profiles.imports.plan import GONE, Plan
from profiles.imports.reading import Row, data_start, rows
from profiles.ingest.bring import Brought, Newcomer, Rules, bring
from profiles.models import FileImport, Topic

AT_ONCE: Final = 1_000
SHOWN: Final = 20  # faults that the page shows

Taken = list[tuple[Newcomer, Brought]]


def bring_in(job: Job, now: datetime) -> bool:
    """One batch of an import; whether more is left."""
    return _step(job, now, write=True)


def check(job: Job, now: datetime) -> bool:
    """One batch of a check, which writes no people."""
    return _step(job, now, write=False)


def _step(job: Job, now: datetime, *, write: bool) -> bool:
    with transaction.atomic():
        run = FileImport.objects.select_related("file").get(pk=job.params["import"])
        form, plan = msgspec.convert(job.params["form"], Format), msgspec.convert(job.params["plan"], Plan)
        batch, ended = _read(run, form, plan, job)
        maker = Maker(plan, form, dict(Topic.objects.values_list("slug", "pk")))
        taken, faults = _take(batch, maker, plan, run, now, write=write)
        counts = Counter(job.cursor.get("counts", {}))
        if write:
            counts += effects.apply(run, plan, taken, now)
        else:
            counts += effects.count(job, taken)
        counts["errors"] += len(faults)
        ErrorFile(job, run, form, plan).add(batch, faults, now)
        _keep(job, run, batch, counts, faults)
        failpoints.hit("imports.written")
        if ended and write:
            effects.finish(run)
    return not ended


def _read(run: FileImport, form: Format, plan: Plan, job: Job) -> tuple[list[Row], bool]:
    """The next rows, and whether they are the last."""
    if run.file is None:
        raise JobError(GONE)
    with files.open(run.file) as file:
        place = job.cursor.get("place") or data_start(file, form)
        found = rows(file, form, [one.name for one in plan.columns], *place)
        batch = list(islice(found, AT_ONCE))
    return batch, len(batch) < AT_ONCE


def _take(
    batch: Sequence[Row], maker: Maker, plan: Plan, run: FileImport, now: datetime, *, write: bool
) -> tuple[Taken, list[Fault]]:
    """Who was taken in, and the faults of the others, in the order of the rows."""
    made = [maker.make(row) for row in batch]
    faults = [one for one in made if isinstance(one, Fault)]
    newcomers = [one for one in made if isinstance(one, Newcomer)]
    brought = _bring(newcomers, Rules(plan.existing, f"import:{run.pk}", plan.quiet), now, write=write)
    taken: Taken = []
    for one, what in zip(newcomers, brought, strict=True):
        if what is None:
            faults.append(maker.unknown(one))
        elif what.outcome == "nobody":
            faults.append(maker.blocked(one))
        elif what.outcome == "erased":
            faults.append(maker.erased(one))
        else:
            taken.append((one, what))
    return taken, sorted(faults, key=lambda fault: fault.row)


def _bring(newcomers: Sequence[Newcomer], rules: Rules, now: datetime, *, write: bool) -> list[Brought | None]:
    """A value that no database holds, and that no check knew, spoils only its own row: None."""
    try:
        with transaction.atomic():
            return [*bring(newcomers, rules, now, write=write)]
    except DataError:
        if len(newcomers) == 1:
            return [None]
        half = len(newcomers) // 2
        return [
            *_bring(newcomers[:half], rules, now, write=write),
            *_bring(newcomers[half:], rules, now, write=write),
        ]


def _keep(job: Job, run: FileImport, batch: Sequence[Row], counts: Counter[str], faults: Sequence[Fault]) -> None:
    """How far the file is read, and what has come of it; saved with the batch."""
    cursor: dict[str, Any] = dict(job.cursor)
    if batch:
        cursor["place"] = [batch[-1].end, batch[-1].number]
    cursor["counts"] = dict(counts)
    room = SHOWN - len(cursor.get("faults", ()))
    cursor["faults"] = [*cursor.get("faults", ()), *map(msgspec.to_builtins, faults[: max(room, 0)])]
    job.cursor = cursor
    job.done += len(batch)
    share = cursor["place"][0] / run.size if batch and run.size else 1
    job.total = max(job.done, round(job.done / share)) if share else job.done
