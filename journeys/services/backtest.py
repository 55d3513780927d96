"""A drawing over what really happened in the last days, for everybody, without sending: long work, piece by piece."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from journeys.contracts.outcomes import Send
from journeys.contracts.step import Step
from journeys.delivery import facts as delivery
from journeys.delivery.facts import Claimed
from journeys.delivery.policy import Skipped, decide
from journeys.engine import graph
from journeys.engine.called import moments_for
from journeys.engine.contest import NOTHING_KNOWN, contested
from journeys.engine.graph import Graph
from journeys.engine.replay import Assumed, Replayed
from journeys.engine.zones import home
from journeys.models import Journey, Node, Version
from journeys.queries import past
from journeys.queries.past import Past
from journeys.registry import channels
from journeys.reports.replayed import Sums
from journeys.services import backtest_rounds as rounds
from journeys.services import drafts
from journeys.validation import check
from omnichannel import jobs
from omnichannel.accounts.models import User, Workspace
from omnichannel.jobs.models import Job
from profiles.bulk import picked

KIND: Final = "backtest"
AT_ONCE: Final = 500
MOST_DAYS: Final = 365


class CannotBacktestError(ValueError):
    """The text says why; nothing was begun."""


def start(journey: Journey, days: int, assumed: Assumed, *, by: User | None, now: datetime) -> Job:
    """Begin one for what is drawn now."""
    version = drafts.current(journey)
    if any(problem.level == "error" for problem in check(version)):
        raise CannotBacktestError(_("Mend what is marked first: a step that is not finished leads nowhere."))
    days = min(max(days, 1), MOST_DAYS)
    return jobs.start(
        KIND,
        title=_("“%(name)s” over the last %(n)s days") % {"name": journey.name, "n": days},
        params={
            "journey": journey.pk,
            "version": version.pk,
            "drawn": drawn_now(version),
            "start": (now - timedelta(days=days)).isoformat(),
            "end": now.isoformat(),
            "opened": assumed.opened,
            "clicked": assumed.clicked,
            "answers": _checked(version, assumed.answers),
        },
        by=by,
        now=now,
    )


def _checked(version: Version, answers: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Shares of ways out that somebody outside chooses."""
    asking = {node.key: dict(node.answers()) for node in Node.objects.filter(version=version)}
    for key, shares in answers.items():
        if unknown := set(shares) - set(asking.get(key, ())):
            raise CannotBacktestError(_("Nobody answers “%(way)s” at “%(key)s”.") % {"way": min(unknown), "key": key})
        if sum(shares.values()) > 100 or min(shares.values(), default=0) < 0:
            raise CannotBacktestError(_("Of 100 questions at “%(key)s” at most 100 are answered.") % {"key": key})
    return {key: dict(shares) for key, shares in answers.items()}


def step(job: Job, now: datetime) -> bool:
    """One piece of people; whether more are left. Where people are in each other's way, they come in rounds."""
    compiled = _graph(job)
    then = Past(compiled, _moment(job, "start"), _moment(job, "end"))
    if "ids" not in job.cursor:
        picked.pick(job, past.candidates(then), now)
        return bool(job.total)
    ids = picked.some(job, job.done - job.cursor.get("before", 0), AT_ONCE)
    customers = _replayed(then, ids, job, now)
    _add(job, compiled, customers)
    job.done += len(ids)
    return job.done < (job.total or 0) or rounds.another(job, compiled, now)


def _add(job: Job, compiled: Graph, customers: Sequence[Replayed]) -> None:
    """To the sums; in the first round also to those of people who are in nobody's way."""
    zone, wanting = Workspace.get().zone, [one for one in customers if one.wished or one.ahead.wished]
    rounds.note(job, wanting)
    sure = Sums()
    if job.cursor.get("round", 1) == 1 and contested(compiled):
        sure.add(compiled, (one for one in customers if not one.wished), zone)
        job.cursor = {**job.cursor, "sure": sure.dump(job.cursor.get("sure", {}))}
        customers = wanting
    sums = Sums()
    sums.add(compiled, customers, zone)
    job.result = sums.dump(sure.dump(job.result))


def _replayed(then: Past, ids: Sequence[int], job: Job, now: datetime) -> list[Replayed]:
    """These people at the end of the time, after living through it."""
    assumed, ahead = _assumed(job), rounds.ahead(job, ids)
    found = past.lives(then, ids)
    beside = past.beside(then, found, now)
    refused = _refusals(then.graph, ids, now)
    ours, customers = home(then.graph), []
    ticks: dict[str, list[datetime]] = {}
    for life in found:
        zones = {str(life.attributes.get("timezone")), *(str(each) for each in life.zones())}
        for zone in zones - ticks.keys():
            ticks[zone] = moments_for(then.graph, ours, zone, then.start, then.end)
        own = ahead.get(life.profile_id, NOTHING_KNOWN)
        why = refused.get(life.profile_id)
        customer = Replayed(then.graph, life, then.start, beside, assumed, why, own, days=then.days)
        customer.replay(life.items, {at for zone in zones for at in ticks[zone]}, then.end)
        customers.append(customer)
    return customers


def _refusals(compiled: Graph, ids: Sequence[int], now: datetime) -> dict[int, dict[str, str]]:
    """Why messages may not go to people, by person and step: consent, blocked addresses, none at all; as of today."""
    alike: dict[tuple[str, int | None], list[str]] = {}
    sends = _sends(compiled, now)
    for key, send in sends.items():
        alike.setdefault((send.channel, send.topic_id or compiled.topic_id), []).append(key)
    refused: dict[int, dict[str, str]] = {}
    for (channel, topic), keys in alike.items():
        asked = [_asked(compiled, sends[keys[0]], topic, -n, ident, now) for n, ident in enumerate(ids, start=1)]
        known = delivery.load(asked, channels()[channel])
        for message in asked:
            answer = decide(known.candidate(message))
            if isinstance(answer, Skipped):
                refused.setdefault(message.profile_id, {}).update(dict.fromkeys(keys, answer.reason))
    return refused


def _asked(compiled: Graph, send: Send, topic: int | None, number: int, profile: int, now: datetime) -> Claimed:
    """A message that is not there, for the rules to look at."""
    return Claimed(
        id=number,
        enrollment_id=None,
        journey_id=compiled.journey_id,
        version_id=None,
        node_id=None,
        profile_id=profile,
        template_id=send.template_id,
        channel=send.channel,
        topic_id=topic,
        trigger_event_id=None,
        attempts=0,
        created_at=now,
    )


def _sends(compiled: Graph, now: datetime) -> dict[str, Send]:
    """What the steps that send would send."""
    found: dict[str, Send] = {}
    for node in compiled.nodes.values():
        if node.sends:
            outcome = node.run(Step(0, 0, node.key, 1, now, now, now, ZoneInfo("UTC")))
            if isinstance(outcome, Send):
                found[node.key] = outcome
    return found


def drawn_now(version: Version) -> str:
    """Changes with every edit."""
    return f"{version.revision} {version.saved_at.isoformat()}"


def _graph(job: Job) -> Graph:
    """What was drawn when the job began, or nothing: two drawings have no sum."""
    version = Version.objects.filter(pk=job.params["version"]).first()
    if version is None or drawn_now(version) != job.params["drawn"]:
        raise jobs.JobError(_("The drawing was changed meanwhile. Start it again for what is drawn now."))
    return _compiled(version.pk, job.params["drawn"])


@lru_cache(maxsize=8)
def _compiled(version_id: int, drawn: str) -> Graph:
    return graph.build(Version.objects.get(pk=version_id))


def _assumed(job: Job) -> Assumed:
    return Assumed(job.params["opened"], job.params["clicked"], job.params["answers"])


def _moment(job: Job, name: str) -> datetime:
    moment = parse_datetime(job.params[name])
    if moment is None:
        raise LookupError(name)
    return moment


def ended(job: Job, _now: datetime) -> None:
    """What it kept between its rounds is not needed any more."""
    rounds.clear(job)


def told(job: Job) -> str:
    """What came of it."""
    entries = job.result.get("entries", 0)
    if not entries:
        return _("Nobody would have come in.")
    words = ngettext("%(n)s person would have come in", "%(n)s people would have come in", job.result["people"])
    sent = sum(n for days in job.result["days"].values() for n in days.values())
    messages = ngettext("%(n)s message would have been sent", "%(n)s messages would have been sent", sent)
    told = (words % {"n": f"{job.result['people']:,}"}, messages % {"n": f"{sent:,}"})
    return f"{told[0]}, {told[1]}."


def register() -> None:
    """Called when the apps are ready."""
    jobs.register(
        KIND,
        step,
        label=gettext_lazy("Test with the past"),
        icon="history",
        unit=gettext_lazy("people"),
        told=told,
        ended=ended,
        page=lambda job: reverse("journey_backtest", args=[job.params["journey"], job.pk]),
    )
