"""The sentences of conditions about what people did: one event, and several in an order."""

from typing import Any

from django.utils.translation import gettext as _

from profiles.queries.sentences.tokens import (
    NEVER,
    OF_EVENT,
    Sentence,
    Token,
    choice,
    counted,
    field,
    lines,
    number,
    option,
    period,
    pick,
    register,
    start,
    subject,
    times,
    where,
    window,
    word,
    yes_no,
)
from profiles.segments.measures import MEASURE_LABELS
from profiles.segments.number_operators import SIGNS
from profiles.segments.operators import OPERATORS


def event() -> Sentence:
    """bought at least 3 times in the last 30 days where amount is more than 50."""
    raw = {
        "type": "event",
        "event": "",
        "did": True,
        "count": {"op": "at_least", "n": 1},
        "within": {"amount": 30, "unit": "days"},
        "where": [],
    }
    signs = [option(str(OPERATORS[sign].label), {"measure.op": sign}) for sign in SIGNS]
    figure = {"has": ["measure"]}
    return Sentence(
        "event",
        [start("", "bolt", _("Did something"), raw, source="events", into="event", typed=_("something people do"))],
        [
            subject("bolt", at="event", tone="violet", missing=_("Choose what people do.")),
            choice(_("How often"), [*times("measure", "pick"), *_first_and_last(), *_figures()]),
            field(_("Property to measure"), "measure.field", OF_EVENT, figure),
            choice(_("Comparison of the figure"), signs, figure),
            number(_("Figure"), "measure.value", -(10**15), 10**15, whole=False, when=figure),
            counted({"has": ["count"], "unless": NEVER}),
            window(),
            where(),
        ],
        "did",
    )


def sequence() -> Sentence:
    """did A and then, within 2 hours, not B."""
    fresh: dict[str, Any] = {"event": "", "did": True, "after": None, "where": []}
    left = fresh | {"did": False, "after": {"amount": 2, "unit": "hours"}}
    raw = {"type": "sequence", "did": True, "within": {"amount": 30, "unit": "days"}, "steps": []}
    begun = {"event": "", "where": []}
    event = pick(_("Event"), "event", "events", _("Choose what people do."), typed=True, icon="bolt")
    group, icon = _("Did things in an order"), "arrows-right"
    return Sentence(
        "sequence",
        [
            start(_("Did one thing and then another"), icon, group, raw | {"steps": [begun, fresh]}),
            start(_("Did one thing and then not another"), icon, group, raw | {"steps": [begun, left]}),
        ],
        [
            subject(icon, text=_("In this order"), tone="violet"),
            yes_no(_("Did or not"), "did", _("did"), _("did not do")),
            window(),
            lines(
                _("Steps"),
                "steps",
                [word(_("first")), event, where()],
                [*_then(), event, *_how_soon(), where()],
                fresh=fresh,
                add=_("Step"),
                least=2,
                missing=_("Give at least two steps."),
            ),
        ],
        "did",
    )


def _first_and_last() -> list[dict[str, Any]]:
    drop = ("measure", "count")
    labels = {"first": _("for the first time"), "last": _("for the last time")}
    asked = [option(label, {"did": True, "pick": pick}, drop=drop) for pick, label in labels.items()]
    not_so = {"first": _("not for the first time"), "last": _("not for the last time")}
    return asked + [
        option(label, {"did": False, "pick": pick}, drop=drop, hidden=True) for pick, label in not_so.items()
    ]


def _figures() -> list[dict[str, Any]]:
    drop = ("pick", "count")
    asked = [option(str(label), {"did": True, "measure.of": of}, drop=drop) for of, label in MEASURE_LABELS.items()]
    return asked + [
        option(_("not so: %s") % label, {"did": False, "measure.of": of}, drop=drop, hidden=True)
        for of, label in MEASURE_LABELS.items()
    ]


def _then() -> list[Token]:
    return [word(_("then")), yes_no(_("Did or not"), "did", _("did"), _("did not do"))]


def _how_soon() -> list[Token]:
    soon = period(_("How soon"), "after", _("within {period}"), _("Say within which time."))
    free = soon | {"none": _("at any later time")}
    return [
        free | {"when": {"unless": {"did": False}}},
        soon | {"when": {"unless": {"did": True}}},
    ]


def register_all() -> None:
    """In the order of the menu."""
    register("event", event)
    register("sequence", sequence)
