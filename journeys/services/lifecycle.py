"""A journey's life: publish, pause, resume, archive."""

from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from django.db import connection, transaction
from django.utils.translation import gettext as _

from journeys.contracts.problem import Problem
from journeys.engine import clocks, graph, routes
from journeys.models import Journey, Publication, Version
from journeys.queries import standing
from journeys.services import changeover, drafts, existing
from journeys.services.changeover import Plan, PlanError
from journeys.validation import check
from journeys.wakeup import wake_on_commit
from omnichannel.accounts.models import User
from omnichannel.shared import sql
from profiles.services import changes
from profiles.services.segments import ask_again

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "lifecycle.sql")
CONSUMER: Final = "journeys"
STAY: Final = Plan()


class LifecycleError(ValueError):
    """This cannot be done to the journey as it is now; `problems` say what to mend first."""

    def __init__(self, text: str, problems: list[Problem] | None = None) -> None:
        super().__init__(text)
        self.problems = problems or []


def publish(
    journey: Journey, by: User | None, now: datetime, plan: Plan = STAY, *, existing_days: int | None = None
) -> Version:
    """Make the draft the live version. People inside stay in the version in which they came in, but for what the plan
    says; a plan that cannot be followed is a LifecycleError. `existing_days`: people who qualify already come in too,
    by what they did in so many days.
    """
    with transaction.atomic():
        if plan.disturbs:
            changeover.hold(journey)
        held = drafts.lock(journey.pk)
        version = held.draft
        if version is None:
            raise LifecycleError(_("There is nothing new to publish."))
        if held.state == Journey.State.ARCHIVED:
            raise LifecycleError(_("This journey is archived."))
        problems = [problem for problem in check(version) if problem.level == "error"]
        if problems:
            raise LifecycleError(_("Mend what is marked before publishing."), problems)
        former = held.live
        version.state, version.published_at, version.published_by = Version.State.PUBLISHED, now, by
        version.save(update_fields=["state", "published_at", "published_by"])
        was = held.state
        held.live, held.draft, held.state = version, None, Journey.State.LIVE
        held.save(update_fields=["live", "draft", "state", "updated_at"])
        _note(held, former, version, by, now, plan)
        if former is not None:
            Version.objects.filter(pk=former.pk).update(state=Version.State.RETIRED)
            _declare(former.pk, entries=False)
        _declare(version.pk, entries=True)
        _by_the_clock(version, was, now)
        if existing_days is not None:
            _add_existing(version, by, now, existing_days)
    _copy(held, journey)
    return version


def _note(held: Journey, former: Version | None, version: Version, by: User | None, now: datetime, plan: Plan) -> None:
    """Write down the publication, and what it does with the people inside."""
    told = Publication.objects.create(journey=held, version=version, former=former, by=by, at=now, plan=plan.as_json())
    changeover.forget(told)
    try:
        told.counts = changeover.take_over(told, plan, now) if plan.disturbs else {}
    except PlanError as error:
        raise LifecycleError(str(error), [Problem(str(error), error.key)]) from error
    told.save(update_fields=["counts"])


def to_take_back(journey: Journey, to: int | None = None) -> list[Publication]:
    """The publications to take back, the newest first, so that the version of this number is live again; None: the one
    before. Empty: that cannot be.
    """
    found: list[Publication] = []
    live = journey.live_id
    for one in changeover.known(journey):
        if one.former is None or one.version_id != live:
            return []
        found.append(one)
        live = one.former_id
        if live != journey.live_id and to in (None, one.former.number):
            return found
    return []


def formers(journey: Journey) -> list[int]:
    """The numbers of the versions to which one can go back, the latest first."""
    numbers, live = [], journey.live_id
    for one in changeover.known(journey):
        if one.former is None or one.version_id != live:
            break
        live = one.former_id
        if live != journey.live_id:
            numbers.append(one.former.number)
    return list(dict.fromkeys(numbers))


def go_back(
    journey: Journey, by: User | None, now: datetime, rest: Literal["keep", "move"] = "keep", to: int | None = None
) -> Version:
    """Make a former version live again (the one before, or that of the number `to`) and take back what publications did
    with people since. Who has gone on, or came in, stays in the version they are in, or comes along (`rest` "move"). A
    draft stays as it is.
    """
    with transaction.atomic():
        changeover.hold(journey)
        held = drafts.lock(journey.pk)
        undone = to_take_back(held, to)
        former = undone[-1].former if undone else None
        if former is None or held.state == Journey.State.ARCHIVED:
            raise LifecycleError(_("There is no former version to go back to."))
        version = undone[0].version
        Version.objects.filter(pk=version.pk).update(state=Version.State.RETIRED)
        Version.objects.filter(pk=former.pk).update(state=Version.State.PUBLISHED)
        held.live = former
        held.save(update_fields=["live", "updated_at"])
        told = Publication.objects.create(
            journey=held, version=former, former=version, back=True, by=by, at=now, plan={"rest": rest}
        )
        told.counts = changeover.go_back(told, undone, rest, now)
        told.save(update_fields=["counts"])
        changeover.forget(told)
        for ident in standing.occupied(held).keys() | {version.pk}:
            _declare(ident, entries=False)
        _declare(former.pk, entries=True)
        _by_the_clock(former, held.state, now)
    _copy(held, journey)
    return former


def pause(journey: Journey, by: User | None, now: datetime) -> None:
    """Nobody comes in and nobody moves; waits that end meanwhile go on when the journey does."""
    _change_state(journey, {Journey.State.LIVE}, Journey.State.PAUSED, _("Only a live journey can be paused."))


def resume(journey: Journey, by: User | None, now: datetime) -> None:
    """Go on where everybody stands. Those who are due decide from what has happened meanwhile."""
    with transaction.atomic():
        _change_state(journey, {Journey.State.PAUSED}, Journey.State.LIVE, _("Only a paused journey can be resumed."))
        clocks.skip(graph.load(journey.live_id or 0), now)


def archive(journey: Journey, by: User | None, now: datetime) -> None:
    """End the journey for good: whoever is inside leaves."""
    with transaction.atomic():
        changeover.hold(journey)
        _change_state(
            journey,
            {Journey.State.DRAFT, Journey.State.LIVE, Journey.State.PAUSED},
            Journey.State.ARCHIVED,
            _("This journey is archived already."),
        )
        clocks.stop(journey.pk)
        for ident in journey.versions.values_list("pk", flat=True):
            changes.withdraw(CONSUMER, owner(ident))
        with connection.cursor() as cursor:
            args: dict[str, Any] = {"journey": journey.pk, "reason": _("The journey was archived"), "now": now}
            cursor.execute(SQL["exit_everybody"], args)
            left = {(version, node): people for version, node, people in cursor.fetchall()}
        routes.count_exits(left, now)
        ask_again("journey", str(journey.pk))


def owner(version_id: int) -> str:
    """The name under which a version declares what it wants to hear of."""
    return f"version:{version_id}"


def _add_existing(version: Version, by: User | None, now: datetime, days: int) -> None:
    try:
        existing.add(version, by, now, days)
    except existing.NotYetError as error:
        raise LifecycleError(str(error)) from error


def _by_the_clock(version: Version, was: str, now: datetime) -> None:
    """Entries by the clock go on in this version."""
    compiled = graph.build(version)
    clocks.arrange(compiled, now)
    if was == Journey.State.PAUSED:
        clocks.skip(compiled, now)


def _declare(version_id: int, *, entries: bool) -> None:
    """Not `graph.load`: what it remembers would outlive a publication that fails after this."""
    compiled = graph.build(Version.objects.get(pk=version_id))
    changes.declare(CONSUMER, owner(version_id), compiled.interests(entries=entries))


def _change_state(journey: Journey, allowed: set[Journey.State], state: Journey.State, refusal: str) -> None:
    with transaction.atomic():
        held = drafts.lock(journey.pk)
        if held.state not in allowed:
            raise LifecycleError(refusal)
        held.state = state
        held.save(update_fields=["state", "updated_at"])
        wake_on_commit("advance")
    _copy(held, journey)


def _copy(held: Journey, journey: Journey) -> None:
    """The caller's object shows what was done."""
    journey.state, journey.live, journey.draft = held.state, held.live, held.draft
