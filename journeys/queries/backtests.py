"""Runs of a journey over the past, and what came of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.http import Http404
from django.utils.dateparse import parse_date, parse_datetime

from journeys.delivery.reasons import in_words
from journeys.models import Journey, Version
from journeys.registry import channels
from journeys.reports.replayed import more_than
from journeys.services.backtest import KIND, drawn_now
from omnichannel.jobs.models import Job
from omnichannel.jobs.queries import Progress, progress

SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Channel:
    """What would have gone out on one channel; `days` has those with messages, `peak` the most on one."""

    label: str
    icon: str
    total: int
    peak: int
    days: Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `moved_on`: the drawing is another one by now."""

    job: Job
    progress: Progress
    days: int
    people: int
    entries: int
    converted: int
    messages: int
    skipped: Sequence[tuple[str, int]]
    channels: Sequence[Channel]
    most: int
    above: int
    load: Sequence[tuple[int, int]]
    moved_on: bool


def runs(journey: Journey) -> Sequence[Job]:
    """The latest ones, everybody's."""
    return list(_of(journey)[:SHOWN])


def get(journey: Journey, pk: int) -> Job:
    """404 for what is no run of this journey."""
    found = _of(journey).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def run(journey: Journey, pk: int, most: int, now: datetime) -> Run:
    """What came of it, as far as it is; `above` counts people with more than `most` messages."""
    job = get(journey, pk)
    result: Mapping[str, Any] = job.result
    load = {int(number): people for number, people in result.get("load", {}).items()}
    sums = list(result.get("nodes", {}).values())
    skips: dict[str, int] = {}
    for numbers in sums:
        for metric, n in numbers.items():
            if metric.startswith("skipped:"):
                reason = in_words(metric.partition(":")[2])
                skips[reason] = skips.get(reason, 0) + n
    begin, end = parse_datetime(job.params["start"]), parse_datetime(job.params["end"])
    told = [_channel(kind, days) for kind, days in sorted(result.get("days", {}).items())]
    return Run(
        job=job,
        progress=progress(job, now),
        days=(end - begin).days if begin and end else 0,
        people=result.get("people", 0),
        entries=result.get("entries", 0),
        converted=sum(numbers.get("converted", 0) for numbers in sums),
        messages=sum(channel.total for channel in told),
        skipped=sorted(skips.items(), key=lambda one: -one[1]),
        channels=told,
        most=most,
        above=more_than(result.get("load", {}), most),
        load=sorted(load.items()),
        moved_on=_moved_on(job),
    )


def _channel(kind: str, counts: Mapping[str, int]) -> Channel:
    known = channels().get(kind)
    days = [(day, counts[text]) for text in sorted(counts) if (day := parse_date(text))]
    label, icon = (str(known.label), known.icon) if known else (kind, "send")
    return Channel(label, icon, sum(counts.values()), max(counts.values(), default=0), days)


def _moved_on(job: Job) -> bool:
    version = Version.objects.filter(pk=job.params["version"]).first()
    return version is None or drawn_now(version) != job.params["drawn"]


def _of(journey: Journey) -> QuerySet[Job]:
    return Job.objects.filter(kind=KIND, params__journey=journey.pk).select_related("by").order_by("-pk")
