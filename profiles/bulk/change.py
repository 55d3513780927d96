"""Change many people, batch by batch, and take it back. What was done, what was before and how far it is commit
together.
"""

from datetime import datetime
from itertools import islice
from typing import Any, Final

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omnichannel import jobs
from omnichannel.accounts.models import User
from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.bulk import deeds, picked, who

KIND: Final = "change"
BACK: Final = "change_back"
AT_ONCE: Final = 1_000


class ChangeError(ValueError):
    """It cannot be taken back; the text says why."""


def start(asked: who.Who, deed: deeds.Deed, *, by: User | None, now: datetime) -> Job:
    """Begin. WhoError, DeedError: nothing was begun."""
    name, words = who.words(asked), deed.words()
    return jobs.start(
        KIND,
        title=_("%(deed)s: %(who)s") % {"deed": words, "who": name},
        params={"who": who.dump(asked), "deed": deeds.dump(deed), "words": words},
        by=by,
        now=now,
    )


def step(job: Job, now: datetime) -> bool:
    """One batch; whether more is left."""
    try:
        if "ids" not in job.cursor:
            picked.pick(job, who.ids(who.read(job.params["who"]), now), now)
            before = files.create(_("What was before") + ".jsonl", "application/jsonl", now, job=job)
            job.cursor = {**job.cursor, "before": before.pk, "changed": 0}
            return True
        ids = picked.some(job, job.done, AT_ONCE)
        changed = deeds.read(job.params["deed"]).do(ids, now, f"job:{job.pk}") if ids else []
    except (who.WhoError, deeds.DeedError) as error:
        raise jobs.JobError(str(error)) from error
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in changed)
    files.append(StoredFile.objects.get(pk=job.cursor["before"]), lines)
    job.cursor = {**job.cursor, "changed": job.cursor["changed"] + len(changed)}
    job.done += len(ids)
    return job.done < (job.total or 0)


def ended(job: Job, _now: datetime) -> None:
    """Whatever was done can be taken back, also where it was not all."""
    job.result = {"changed": job.cursor.get("changed", 0), "before": job.cursor.get("before")}
    if not job.result["changed"]:
        files.clear(job.files.values_list("pk", flat=True))


def told(job: Job) -> str:
    """How many it changed."""
    n = job.result.get("changed", 0)
    text = ngettext("%(n)s person was changed.", "%(n)s people were changed.", n) % {"n": f"{n:,}"}
    left = job.done - n
    if left > 0:
        same = ngettext("%(n)s stays as it was.", "%(n)s stay as they were.", left)
        text = f"{text} {same % {'n': f'{left:,}'}}"
    return text


@transaction.atomic
def start_back(of: Job, *, by: User | None, now: datetime) -> Job:
    """Take a change back. ChangeError: it cannot be, or is already."""
    of = Job.objects.select_for_update().get(pk=of.pk)
    if of.kind != KIND or of.going or not StoredFile.objects.filter(pk=of.result.get("before")).exists():
        raise ChangeError(_("This cannot be taken back any more: what was before is kept for 7 days."))
    if "back" in of.result:
        raise ChangeError(_("This is taken back already."))
    title = _("Taken back: %s") % of.title
    job = jobs.start(BACK, title=title, params={"of": of.pk, "deed": of.params["deed"]}, by=by, now=now)
    of.result = {**of.result, "back": job.pk}
    of.save(update_fields=["result"])
    return job


def step_back(job: Job, now: datetime) -> bool:
    """One batch of what was before; whether more is left."""
    of = Job.objects.get(pk=job.params["of"])
    stored = StoredFile.objects.filter(pk=of.result.get("before")).first()
    if stored is None:
        raise jobs.JobError(_("What was before is kept for 7 days, and they are over."))
    source = files.open(stored)
    source.seek(job.cursor.get("at", 0))
    lines = list(islice(source, AT_ONCE))
    before: list[tuple[int, Any]] = [(pk, was) for pk, was in map(msgspec.json.decode, lines)]
    try:
        changed = deeds.read(job.params["deed"]).undo(before, now, f"job:{job.pk}") if before else 0
    except deeds.DeedError as error:
        raise jobs.JobError(str(error)) from error
    job.cursor = {"at": job.cursor.get("at", 0) + sum(map(len, lines))}
    job.result = {"changed": job.result.get("changed", 0) + changed}
    job.total = of.result["changed"]
    job.done += len(lines)
    return len(lines) == AT_ONCE
