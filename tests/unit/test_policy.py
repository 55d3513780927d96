"""Who may be written to: every rule, and which of two reasons is told."""

import pytest

from journeys.contracts.provider import Accepted
from journeys.delivery.facts import Claimed
from journeys.delivery.policy import Allowed, Candidate, Decision, Skipped, decide
from journeys.delivery.settle import Settled, _delivery_columns, _row
from tests.conftest import NOW

GOOD = Candidate(raw_address="ann@shop.example", address="ann@shop.example")


def but(**facts: object) -> Candidate:
    values = {name: getattr(GOOD, name) for name in Candidate.__slots__}
    return Candidate(**{**values, **facts})


@pytest.mark.parametrize(
    ("candidate", "decision"),
    [
        (GOOD, Allowed("ann@shop.example")),
        (but(taken_out=True), Skipped("left")),
        (but(journey_archived=True), Skipped("left")),
        (but(exists=False), Skipped("gone")),
        (but(has_template=False), Skipped("no_template")),
        (but(subscribed=False), Skipped("unsubscribed")),
        (but(subscribed=False, transactional=True), Allowed("ann@shop.example")),
        (but(suppressed=True), Skipped("suppressed")),
        (but(suppressed=True, transactional=True), Skipped("suppressed")),
        (but(raw_address="", address=""), Skipped("no_address")),
        (but(address=""), Skipped("bad_address")),
        (but(taken_out=True, subscribed=False), Skipped("left")),
        (but(subscribed=False, suppressed=True), Skipped("unsubscribed")),
        (but(subscribed=False, raw_address="", address=""), Skipped("unsubscribed")),
    ],
)
def test_decide(candidate: Candidate, decision: Decision) -> None:
    assert decide(candidate) == decision


def test_what_a_provider_says_is_kept_as_far_as_it_can_be() -> None:
    """One odd word in an answer must not keep a whole batch from being written down."""
    message = Claimed(7, None, None, None, None, 1, 1, "email", None, None, 0, NOW)
    settled = Settled(message, Accepted("a\x00b\ud800"), 1)
    columns = _delivery_columns([settled], {7: _row(settled, NOW)}, NOW)
    assert columns["theirs"] == ["ab?"]
