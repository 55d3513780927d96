"""Settings of the kinds that act on the world: lists, events, other journeys, goals, jumps."""

from typing import Any

from hypothesis import strategies as st

# What a journey notes; nothing begins with it, or a journey that ends at once would go round for ever.
NOTED = "Noted"
# Two runs of one person beside each other that change what the other asks about have no order.
CHANGING = ("update_profile", "add_to_list", "remove_from_list", "emit_event")
ACTIONS = ("add_to_list", "remove_from_list", "emit_event", "start_journey", "goal_reached", "jump")

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
        ]
    ),
    max_size=2,
)


@st.composite
def configs(draw: st.DrawFn, kind: str, keys: list[str]) -> dict[str, Any]:
    """`list` and `journey` stand for the ids of the test's list and of its other journey."""
    match kind:
        case "add_to_list" | "remove_from_list":
            return {"list": "list"}
        case "emit_event":
            values = st.sampled_from([80, "{{ event.total }}", "{{ country | downcase }}", "{{ stage }}"])
            return {"event": NOTED, "properties": [{"name": "total", "value": draw(values)}]}
        case "start_journey":
            return {"journey": "journey"}
        case "jump":
            return {"target_key": draw(st.sampled_from([*keys, "gone"]))}
        case _:
            return {}
