"""The demo shop's segments and its three journeys, as the documents that the API takes too."""

from collections.abc import Mapping
from typing import Any, Final

Spec = dict[str, Any]


def _did(event: str, days: int | None = None, *, times: int = 1, did: bool = True) -> Spec:
    within = {"amount": days, "unit": "days"} if days else None
    count = {"op": "at_least", "n": times}
    return {"type": "event", "event": event, "did": did, "count": count, "within": within, "where": []}


def _is(field: str, op: str, value: Any = None) -> Spec:
    return {"type": "attribute", "field": field, "op": op, "value": value}


def _all(*of: Spec) -> Spec:
    return {"type": "all", "of": list(of)}


SEGMENTS: Final[dict[str, tuple[str, Spec]]] = {
    "New this month": ("Signed up in the last 30 days.", _all(_did("Signed Up", 30))),
    "Loyal customers": ("Three orders or more in 90 days.", _all(_did("Order Completed", 90, times=3))),
    "Slipping away": (
        "Bought something once, and nothing for four weeks.",
        _all(_did("Order Completed"), _did("Order Completed", 28, did=False)),
    ),
    "Cart abandoners": (
        "Put something into the cart in the last week and did not order.",
        _all(_did("Product Added", 7), _did("Order Completed", 7, did=False)),
    ),
    "Newsletter readers": ("Opened two messages or more in 30 days.", _all(_did("Message Opened", 30, times=2))),
    "Germany & Austria": ("Where we deliver on the next day.", _all(_is("country", "one_of", ["DE", "AT"]))),
}


def journeys(templates: Mapping[str, int], segments: Mapping[str, int]) -> list[Spec]:
    """The three documents, with the ids of what they use."""
    return [_welcome(templates), _abandoned_cart(templates), _win_back(templates, segments)]


def _node(key: str, kind: str, name: str = "", **config: Any) -> Spec:
    return {"key": key, "kind": kind, "name": name, "config": config}


def _edges(*lines: str) -> list[Spec]:
    """Each line: "from to" or "from port to"."""
    parts = [line.split() for line in lines]
    return [{"from": p[0], "port": p[1] if len(p) == 3 else "next", "to": p[-1]} for p in parts]


def _welcome(templates: Mapping[str, int]) -> Spec:
    return {
        "name": "Welcome new customers",
        "description": "From the first hello to the first order.",
        "nodes": [
            _node("signed_up", "entry_event", "Signs up", event="Signed Up"),
            _node("welcome", "send", "Welcome", template=templates["Welcome"]),
            _node(
                "opened",
                "opened",
                "Opened Welcome?",
                send_key="welcome",
                counts="opened",
                by_people=True,
                amount=2,
                unit="days",
            ),
            _node("pause", "delay", "Wait 3 days", amount=3, unit="days"),
            _node("morning", "wait_window", "At a good hour", opens="08:00", closes="20:00"),
            _node("ideas", "send", "Three ideas", template=templates["Three ideas for the weekend"]),
            _node(
                "split",
                "random_split",
                "E-mail or SMS",
                arms=[{"name": "E-mail", "percent": 60}, {"name": "SMS", "percent": 40}],
            ),
            _node("again", "send", "Second try", template=templates["Welcome, second try"]),
            _node("text", "send", "Welcome by SMS", template=templates["SMS: welcome"]),
            _node("order", "wait_event", "Waits for an order", event="Order Completed", amount=7, unit="days"),
            _node("customer", "exit", "Became a customer", reason="Ordered"),
            _node("not_yet", "exit", "Not yet", reason="No order yet"),
        ],
        "edges": _edges(
            "signed_up welcome",
            "welcome opened",
            "opened opened pause",
            "opened not_opened split",
            "pause morning",
            "morning ideas",
            "split arm_1 again",
            "split arm_2 text",
            "again order",
            "text order",
            "ideas order",
            "order happened customer",
            "order timed_out not_yet",
        ),
        "settings": {
            "goal_event": "Order Completed",
            "goal_window_hours": 336,
            "reentry": "once",
            "topic": "marketing",
        },
    }


def _abandoned_cart(templates: Mapping[str, int]) -> Spec:
    return {
        "name": "Abandoned cart",
        "description": "Reminds those who left something behind, and stops when they buy.",
        "nodes": [
            _node(
                "added",
                "entry_event",
                "Fills the cart",
                event="Product Added",
                where=[{"field": "price", "op": "gte", "value": 50}],
            ),
            _node("hour", "wait_event", "Orders within 2 hours?", event="Order Completed", amount=2, unit="hours"),
            _node("reminder", "send", "Still yours", template=templates["Cart: still yours"]),
            _node(
                "clicked",
                "opened",
                "Clicked Still yours?",
                send_key="reminder",
                counts="clicked",
                amount=1,
                unit="days",
            ),
            _node("think", "wait_event", "Orders within a day?", event="Order Completed", amount=1, unit="days"),
            _node("hours", "wait_window", "At a good hour", opens="09:00", closes="20:00"),
            _node("free", "send", "Free shipping", template=templates["Cart: free shipping until Sunday"]),
            _node("text", "send", "Free shipping by SMS", template=templates["SMS: your cart"]),
            _node("last", "wait_event", "Orders within 3 days?", event="Order Completed", amount=3, unit="days"),
            _node("bought", "exit", "Ordered", reason="Ordered"),
            _node("gone", "exit", "Left it", reason="Did not order"),
        ],
        "edges": _edges(
            "added hour",
            "hour happened bought",
            "hour timed_out reminder",
            "reminder clicked",
            "clicked opened think",
            "clicked not_opened hours",
            "think happened bought",
            "think timed_out text",
            "hours free",
            "free last",
            "text last",
            "last happened bought",
            "last timed_out gone",
        ),
        "settings": {
            "goal_event": "Order Completed",
            "goal_window_hours": 120,
            "reentry": "after_end",
            "topic": "marketing",
        },
    }


def _win_back(templates: Mapping[str, int], segments: Mapping[str, int]) -> Spec:
    return {
        "name": "Win back",
        "description": "For those who bought before and have become quiet.",
        "nodes": [
            _node("quiet", "entry_segment", "Slips away", segment=segments["Slipping away"]),
            _node("hours", "wait_window", "At a good hour", opens="09:00", closes="19:00"),
            _node("news", "send", "New since you were here", template=templates["Win-back: new since you were here"]),
            _node("clicked", "opened", "Clicked?", send_key="news", counts="clicked", amount=4, unit="days"),
            _node("warm", "update_profile", "Note: warm again", changes=[{"attribute": "win_back", "value": "warm"}]),
            _node("cold", "update_profile", "Note: offered", changes=[{"attribute": "win_back", "value": "offered"}]),
            _node("ten", "send", "Ten per cent", template=templates["Win-back: ten per cent"]),
            _node("order", "wait_event", "Orders within 10 days?", event="Order Completed", amount=10, unit="days"),
            _node("back", "exit", "Back again", reason="Ordered again"),
            _node("gone", "exit", "Gone for now", reason="Did not order"),
        ],
        "edges": _edges(
            "quiet hours",
            "hours news",
            "news clicked",
            "clicked opened warm",
            "clicked not_opened cold",
            "warm order",
            "cold ten",
            "ten order",
            "order happened back",
            "order timed_out gone",
        ),
        "settings": {
            "goal_event": "Order Completed",
            "goal_window_hours": 480,
            "reentry": "after_end",
            "topic": "marketing",
        },
    }
