"""One person and one journey: why they are in it, why not, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from journeys.models import Enrollment, Journey
from journeys.queries.passages import Passage, passages
from journeys.queries.why_not import WhyNot, why_not
from profiles.models import Profile
from profiles.queries import people
from profiles.queries import person as persons
from profiles.queries.erasure import was_erased

FOUND: Final = 6  # people that a search shows
STEPS: Final = 100  # of each passage


@dataclass(frozen=True, slots=True)
class Explanation:
    """`profile` None: `unknown` says why there is nobody. `why_not` None: they are inside."""

    profile: Profile | None
    passages: Sequence[Passage] = ()
    why_not: WhyNot | None = None
    unknown: str = ""


def explanation(journey: Journey, profile_id: int, now: datetime) -> Explanation:
    """Of whom the number stands for today: after a merge, the person who remained."""
    profile, survivor = persons.resolve(profile_id)
    if survivor:
        profile = Profile.objects.filter(pk=survivor).first()
    if profile is None:
        return Explanation(None, unknown=_("There is nobody with this number: they were erased, or never there."))
    passed = passages(profile.pk, now, journey_id=journey.pk, most=STEPS)
    inside = any(one.enrollment.state == Enrollment.State.ACTIVE for one in passed)
    return Explanation(profile, passed, None if inside else why_not(journey, profile, now))


def found(text: str) -> list[Profile]:
    """People to whom a text points."""
    ids = people.search(text, limit=FOUND)
    rows = Profile.objects.in_bulk(ids)
    return [rows[one] for one in ids if one in rows]


def nobody(text: str) -> str:
    """Why a text points to nobody."""
    erased = was_erased(text)
    if erased:
        return _("They were erased: nothing is known about them any more.")
    return _("Nobody with this name, address or number is known.")


def askable() -> list[tuple[int, str]]:
    """Journeys that may be asked about: all that were ever published."""
    shown = Journey.objects.exclude(live=None).exclude(state=Journey.State.ARCHIVED).order_by("name")
    return list(shown.values_list("pk", "name"))
