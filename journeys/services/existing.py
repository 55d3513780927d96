"""Adding the people who qualify already: a job that begins with the publication, in the same transaction."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.engine import existing, graph
from journeys.engine.existing import Asked
from journeys.models import Journey, Node, Version
from journeys.services import drafts
from omnichannel import jobs
from omnichannel.accounts.models import User
from omnichannel.jobs.models import Job
from profiles.bulk import picked
from profiles.models import Segment

KIND: Final = "add_existing"
PIECE: Final = 2_000
DAYS: Final = 30  # how far back events count, where nobody says
MOST_DAYS: Final = 365


class NotYetError(ValueError):
    """It cannot be known yet who qualifies; the text says why."""


def offer(version: Version, now: datetime, days: int = DAYS) -> dict[str, Any] | None:
    """What the question before publishing says: how many are in the segments, which events count, how many did them.
    None: by none of the entries anybody qualifies already.
    """
    found = existing.ways(list(Node.objects.filter(version=version)))
    if not found["segments"] and not found["events"]:
        return None
    segments = Segment.objects.filter(pk__in=found["segments"])
    return {
        "members": sum(one.size for one in segments),
        "segments": [one.name for one in segments],
        "events": found["events"],
        "did": existing.did_lately(found["events"], now - timedelta(days=days)) if found["events"] else 0,
        "days": days,
    }


def add(version: Version, by: User | None, now: datetime, days: int = DAYS) -> Job | None:
    """Begin to bring in who qualifies already, in the caller's transaction. None: nobody can."""
    found = existing.ways(list(Node.objects.filter(version=version)))
    if not found["segments"] and not found["events"]:
        return None
    building = Segment.objects.filter(pk__in=found["segments"], built_at=None, state=Segment.State.BUILDING).first()
    if building is not None:
        raise NotYetError(_("“%(name)s” is still being counted. Try again in a moment.") % {"name": building.name})
    journey = version.journey
    params = {"journey": journey.pk, "live_since": (version.published_at or now).isoformat(), "days": days}
    title = _("Add people who qualify already to “%(name)s”") % {"name": journey.name}
    return jobs.start(KIND, title=title, params=params, by=by, now=now)


@transaction.atomic
def add_later(journey: Journey, by: User | None, now: datetime, days: int = DAYS) -> Job:
    """The same for a journey that is live already. NotYetError: it is not, somebody is at it, nobody can qualify."""
    held = drafts.lock(journey.pk)
    if held.state != Journey.State.LIVE or held.live is None:
        raise NotYetError(_("The journey is not live."))
    if running(held):
        raise NotYetError(_("They are being added already."))
    job = add(held.live, by, now, days)
    if job is None:
        raise NotYetError(_("By none of its entries anybody qualifies already."))
    return job


def running(journey: Journey) -> Job | None:
    """The job that is adding people to the journey."""
    return Job.objects.filter(kind=KIND, params__journey=journey.pk, state__in=Job.UNFINISHED).first()


def step(job: Job, now: datetime) -> bool:
    """One piece of the people; whether more are left."""
    journey = Journey.objects.get(pk=job.params["journey"])
    if journey.state != Journey.State.LIVE or journey.live_id is None:
        raise jobs.JobError(_("The journey is not live any more. Whoever came in before stays in it."))
    compiled = graph.load(journey.live_id)
    asked = Asked(datetime.fromisoformat(job.params["live_since"]), job.params["days"])
    if "ids" not in job.cursor:
        picked.pick(job, existing.people(compiled, asked), now)
        job.cursor = {**job.cursor, "came": 0}
        return bool(job.total)
    ids = picked.some(job, job.done, PIECE)
    job.cursor = {**job.cursor, "came": job.cursor["came"] + existing.bring_in(compiled, ids, asked, now)}
    job.done += len(ids)
    return job.done < (job.total or 0)


def ended(job: Job, _now: datetime) -> None:
    """Keep how many came in."""
    job.result = {"came": job.cursor.get("came", 0)}


def told(job: Job) -> str:
    """How many came in."""
    n = job.result.get("came", 0)
    return ngettext("%(n)s person came in.", "%(n)s people came in.", n) % {"n": f"{n:,}"}


def page(job: Job) -> str:
    """Where they are."""
    return reverse("journey_people", args=[job.params["journey"]])


def register() -> None:
    """Let such jobs be started."""
    jobs.register(
        KIND,
        step,
        label=_("Adding people who qualify already"),
        icon="users-plus",
        unit=_("people"),
        ended=ended,
        told=told,
        page=page,
    )
