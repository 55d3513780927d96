"""May this message go out to this person now? A pure decision over facts that were loaded for the whole batch.

The order is the one marketers are told: still in the journey, not overtaken, not told before, consent, suppression,
address.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """Everything the decision looks at."""

    exists: bool = True  # the person
    has_template: bool = True
    journey_archived: bool = False
    taken_out: bool = False  # out of the journey, for a reason that does not lie in its drawing
    overtaken: bool = False  # by what came true after the branch that led here
    told_before: bool = False  # by the same step, as somebody with whom they were joined since
    transactional: bool = False
    subscribed: bool = True
    suppressed: bool = False
    raw_address: str = ""
    address: str = ""  # as the channel wants it; empty when it cannot be one


@dataclass(frozen=True, slots=True)
class Allowed:
    """Send it to `address`."""

    address: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: look again at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """Never; `reason` is a key of `reasons.SKIPPED`."""

    reason: str


Decision = Allowed | Deferred | Skipped


def decide(candidate: Candidate) -> Decision:
    """The first rule that says no names the reason."""
    rules = (
        ("left", candidate.taken_out or candidate.journey_archived),
        ("overtaken", candidate.overtaken),
        ("told_before", candidate.told_before),
        ("gone", not candidate.exists),
        ("no_template", not candidate.has_template),
        ("unsubscribed", not (candidate.subscribed or candidate.transactional)),
        ("suppressed", candidate.suppressed),
        ("no_address", not candidate.raw_address),
        ("bad_address", not candidate.address),
    )
    for reason, applies in rules:
        if applies:
            return Skipped(reason)
    return Allowed(candidate.address)
