"""Settings of the kinds that act on the world: lists, events, other journeys, goals, jumps."""

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from journeys.engine.lives import Answered, Item

# What a journey notes; nothing begins with it, or a journey that ends at once would go round for ever.
NOTED = "Noted"
# Two runs of one person beside each other that change what the other asks about have no order.
CHANGING = ("update_profile", "add_to_list", "remove_from_list", "emit_event")
ASKERS = ("webhook", "task")
ACTIONS = (
    *("add_to_list", "remove_from_list", "emit_event", "start_journey", "goal_reached", "jump"),
    *(*ASKERS, "by_answer", "rate_gate"),
)
PORTS = {
    "jump": (),
    "webhook": ("answered", "failed"),
    "task": ("way_1", "way_2", "timed_out"),
    "by_answer": ("yes", "no"),
}

conditions = (
    {"type": "list", "list": "list", "in": True},
    {"type": "list", "list": "list", "in": False},
    {"type": "event", "event": NOTED, "count": {"op": "at_least", "n": 2}},
    {"type": "event", "event": NOTED, "where": [{"field": "total", "op": "gt", "value": 50}]},
)


exit_rules = st.lists(
    st.sampled_from(
        [
            {"on": "event", "event": "Bought", "where": []},
            {"on": "event", "event": "Viewed", "where": [{"field": "total", "op": "gt", "value": 50}]},
            {"on": "event", "event": NOTED, "where": []},
            {"on": "joins", "segment": "segment"},
            {"on": "leaves", "segment": "segment"},
            {"on": "unsubscribes"},
            {"on": "unsubscribes", "from": "any"},
            {"on": "unsubscribes", "from": "everything"},
        ]
    ),
    max_size=2,
)


@st.composite
def configs(draw: st.DrawFn, kind: str, kinds: dict[str, str]) -> dict[str, Any]:
    """`list` and `journey` stand for the ids of the test's list and of its other journey."""
    keys, askers = list(kinds), [key for key, other in kinds.items() if other in ASKERS]
    match kind:
        case "add_to_list" | "remove_from_list":
            return {"list": "list"}
        case "emit_event":
            values = st.sampled_from([80, "{{ event.total }}", "{{ country | downcase }}", "{{ stage }}"])
            return {"event": NOTED, "properties": [{"name": "total", "value": draw(values)}]}
        case "start_journey":
            return {"journey": "journey"}
        case "webhook":
            return {"url": "https://shop.example/hook", "answer_name": "offer"}
        case "task":
            return {"task": "Call", "amount": draw(st.sampled_from([1, 5])), "unit": "days"}
        case "by_answer":
            where = st.sampled_from([[], [{"field": "price", "op": "gt", "value": 50}]])
            return {"ask_key": draw(st.sampled_from([*askers * 2, "nobody"])), "where": draw(where)}
        case "rate_gate":
            return {"people": 1000, "per": 60}
        case "jump":
            return {"target_key": draw(st.sampled_from([*keys, "gone"]))}
        case _:
            return {}


@st.composite
def answers(draw: st.DrawFn, at: datetime, askers: list[str]) -> Item:
    """The last result is none of a task's ways: it is not heard."""
    result = draw(st.sampled_from(["way_1", "way_2", "answered"]))
    value = draw(st.sampled_from([{}, {"price": 80}, {"price": 20, "status": 200}]))
    return Answered(at, draw(st.sampled_from(askers)), draw(st.sampled_from([True, True, False])), result, value)
