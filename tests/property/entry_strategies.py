"""Ways into a journey beside its first event, and the rules of who may come in again."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from journeys.engine import brakes
from journeys.engine.lives import Brought, Item

Node = tuple[str, dict[str, Any]]

clocks = st.sampled_from(["ours", "theirs"])
hours = st.sampled_from(["09:00", "10:07", "23:30", "00:00"])
# Lives begin on Monday, the 2nd of March 2026.
schedules = st.fixed_dictionaries(
    {
        "segment": st.just("segment"),
        "repeat": st.sampled_from(["once", "daily", "daily", "weekly", "monthly"]),
        "every": st.sampled_from([1, 1, 2]),
        "first_day": st.sampled_from([None, "2026-03-02", "2026-03-03"]),
        "last_day": st.sampled_from([None, None, "2026-03-04"]),
        "at": hours,
        "weekdays": st.sampled_from([[], [1], [0, 2, 4]]),
        "month_day": st.sampled_from([2, 3, 31]),
        "clock": clocks,
    }
)
dates = st.fixed_dictionaries(
    {
        "attribute": st.sampled_from(["renews", "born", "born", "nothing"]),
        "yearly": st.booleans(),
        "offset": st.sampled_from([0, 0, 1, 2]),
        "offset_unit": st.sampled_from(["days", "days", "weeks", "months"]),
        "side": st.sampled_from(["before", "after"]),
        "at": hours,
        "clock": clocks,
        "segment": st.sampled_from([None, None, "segment"]),
    }
)
ENTRIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "entry_segment": st.just({"segment": "segment"}),
    "entry_segment_left": st.just({"segment": "segment"}),
    "entry_schedule": schedules,
    "entry_date": dates,
    "entry_journey": st.just({}),
    "entry_api": st.just({}),
}


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Node]:
    """None to three more ways in, by key."""
    kinds = draw(st.lists(st.sampled_from([*ENTRIES, "entry_schedule", "entry_date"]), max_size=3))
    return {f"e{number}": (kind, draw(ENTRIES[kind])) for number, kind in enumerate(kinds)}


@st.composite
def rules(draw: st.DrawFn, *, side_by_side: bool) -> dict[str, Any]:
    """Who may come in again, and how often."""
    found: dict[str, Any] = {
        "reentry": draw(st.sampled_from(["once", "after_end", "always"] if side_by_side else ["once", "after_end"]))
    }
    if side_by_side:
        found["entry_key"] = draw(st.sampled_from(["", "", "plan", "total"]))
    if draw(st.integers(0, 2)) == 0:
        found["entry_limit"] = draw(st.sampled_from([1, 2, 3]))
        found["entry_limit_hours"] = draw(st.sampled_from([None, 1, 30]))
    if draw(st.integers(0, 3)) == 0:
        found["entry_total"] = draw(st.sampled_from([1, 2, 3, 5]))
    return found


@st.composite
def items(draw: st.DrawFn, at: datetime) -> Item:
    """Another journey or a program names them."""
    if draw(st.booleans()):
        return Brought(at, "added")
    return Brought(at, "started", draw(st.sampled_from([1, 1, brakes.MOST, brakes.MOST + 1])))
