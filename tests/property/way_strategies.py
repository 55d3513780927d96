"""Settings of the kinds that wait for dates, segments and events, or part people by what is known of them."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from journeys.engine.lives import Became, Did, Item

WAYS = (
    *("wait_until", "wait_segment", "wait_any", "wait_business_day"),
    *("many_ways", "by_trigger", "reachable", "engaged"),
)
REPLIED = "Message Replied"
# Around the first moment of every life: the 2nd of March 2026, 10:00 UTC.
DATES = (None, "2026-03-02", "2026-03-03", "2026-03-05T09:30:00Z", "2026-03-29T02:30:00+01:00", "2024-02-29", "soon")
# What people may have from the beginning, or come to have.
known = st.fixed_dictionaries(
    {"renews": st.sampled_from(DATES), "born": st.sampled_from(DATES), "phone": st.sampled_from([None, "+4930123456"])}
)
changes = st.sampled_from(
    [{"renews": value} for value in DATES]
    + [{"timezone": "Asia/Kolkata"}, {"timezone": None}, {"country": "US"}, {"country": "DE"}]
    + [{"phone": "+4930123456"}, {"phone": None}, {"email": "one@people.example"}]
)


@st.composite
def configs(draw: st.DrawFn, kind: str, parts: dict[str, Any]) -> dict[str, Any]:
    """`parts` are the strategies that other kinds use too: events, wheres, conditions, durations."""
    match kind:
        case "wait_until":
            return {
                "attribute": draw(st.sampled_from(["renews", "renews", "born", "nothing"])),
                "yearly": draw(st.sampled_from([False, False, True])),
                "offset": draw(st.sampled_from([0, 0, 1, 3])),
                "offset_unit": draw(st.sampled_from(["hours", "days", "weeks", "months"])),
                "side": draw(st.sampled_from(["before", "after"])),
                "at": draw(st.sampled_from([None, "09:00", "02:30"])),
            }
        case "wait_segment":
            return {"segment": "segment", "side": draw(st.sampled_from(["in", "out"])), **draw(parts["durations"])}
        case "wait_any":
            asked = draw(st.lists(st.tuples(parts["events"], parts["wheres"]), min_size=1, max_size=3))
            rows = [{"port": f"way_{n}", "event": event, "where": where} for n, (event, where) in enumerate(asked, 1)]
            return {"events": rows, "reply": draw(st.booleans()), **draw(parts["durations"])}
        case "wait_business_day":
            return {
                "country": draw(st.sampled_from(["DE", "US", ""])),
                "region": "",
                "by_person": draw(st.booleans()),
                "after": draw(st.sampled_from([0, 1, 3])),
                "at": draw(st.sampled_from(["00:00", "09:00", "23:30"])),
            }
        case "many_ways":
            asked = draw(st.lists(parts["conditions"], min_size=1, max_size=3))
            rows = [{"port": f"way_{n}", "name": str(n), "condition": one} for n, one in enumerate(asked, 1)]
            return {"ways": rows}
        case "by_trigger":
            events = st.sampled_from(["", "", "Signed Up", "Bought"])
            asked = draw(st.lists(st.tuples(events, parts["wheres"]), min_size=1, max_size=3))
            rows = [{"port": f"way_{n}", "event": event, "where": where} for n, (event, where) in enumerate(asked, 1)]
            return {"ways": rows}
        case "reachable":
            return {"ways": draw(st.sampled_from([["email"], ["phone", "email"], ["email", "device_token"]]))}
        case _engaged:
            return {
                "did": draw(st.sampled_from(["opened", "clicked", "sent"])),
                "of": draw(st.sampled_from(["any", "journey"])),
                "amount": draw(st.sampled_from([0, 1])),
            }


def ports(kind: str, config: dict[str, Any]) -> tuple[str, ...] | None:
    """The ways out of these kinds; None: it is another kind."""
    rows = tuple(row["port"] for row in config.get("events", config.get("ways", ())) if isinstance(row, dict))
    return {
        "wait_until": ("reached", "passed", "missing"),
        "wait_segment": ("happened", "timed_out"),
        "wait_any": (*rows, "replied", "timed_out"),
        "wait_business_day": ("next",),
        "many_ways": (*rows, "else"),
        "by_trigger": (*rows, "else"),
        "reachable": (*(way for way in config.get("ways", ()) if isinstance(way, str)), "nobody"),
        "engaged": ("yes", "no"),
    }.get(kind)


@st.composite
def items(draw: st.DrawFn, at: datetime) -> Item:
    """What such steps wait for or look at."""
    if draw(st.integers(0, 3)) == 0:
        return Did(at, REPLIED)
    return Became(at, draw(changes))
