"""Random drawings over all kinds, and random lives of customers."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from journeys.engine.lives import Blocked, Did, Item, Joined, Left, Reacted, Said
from tests.conftest import NOW
from tests.property import action_strategies as actions
from tests.property import entry_strategies as entries
from tests.property import way_strategies as ways

EVENTS = ("Signed Up", "Viewed", "Bought")
KEYS = tuple(f"n{i}" for i in range(7))
UNITS = ("days", "days", "hours", "minutes")
ZONES = (None, "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Nowhere/At_All")


@dataclass(frozen=True)
class Drawing:
    """A version to be made; `segment`, `list`, `journey` in a config stand for the ids of those of the test."""

    nodes: dict[str, tuple[str, dict[str, Any]]]
    edges: list[tuple[str, str, str]]
    settings: dict[str, Any]


@dataclass(frozen=True)
class Life:
    """One customer: who they are, and what becomes known of them at each moment."""

    attributes: dict[str, Any]
    items: dict[int, list[Item]] = field(default_factory=dict)  # moment's number → items


amounts = st.sampled_from([1, 2, 5, 30])
durations = st.fixed_dictionaries({"amount": amounts, "unit": st.sampled_from(UNITS)})
wheres = st.sampled_from(
    [
        [],
        [],
        [{"field": "total", "op": "gt", "value": 50}],
        [{"field": "plan", "op": "eq", "value": "trial"}],
        [{"field": "plan", "op": "is_not_set"}],
    ]
)
conditions = st.sampled_from(
    [
        {"type": "attribute", "field": "country", "op": "eq", "value": "DE"},
        {"type": "attribute", "field": "stage", "op": "is_set"},
        {"type": "event", "event": "Bought", "count": {"op": "at_least", "n": 2}},
        {"type": "event", "event": "Viewed", "within": {"amount": 1, "unit": "days"}},
        {"type": "event", "event": "Bought", "did": False, "where": [{"field": "total", "op": "lte", "value": 50}]},
        {"type": "segment", "segment": "segment", "in": True},
        {
            "type": "none",
            "of": [
                {"type": "segment", "segment": "segment", "in": False},
                {"type": "attribute", "field": "country", "op": "ne", "value": "DE"},
            ],
        },
        {"type": "attribute", "field": "country", "op": "unheard_of"},  # fails closed
        *actions.conditions,
    ]
)


PARTS = {"events": st.sampled_from(EVENTS), "wheres": wheres, "conditions": conditions, "durations": durations}


@st.composite
def configs(draw: st.DrawFn, kind: str, senders: list[str], kinds: dict[str, str]) -> dict[str, Any]:
    match kind:
        case "delay":
            return draw(durations)
        case "wait_event":
            return {"event": draw(st.sampled_from(EVENTS)), "where": draw(wheres), **draw(durations)}
        case "wait_window":
            times = st.sampled_from(["00:00", "02:30", "09:00", "17:30", "23:59"])
            days = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True)
            return {"opens": draw(times), "closes": draw(times), "weekdays": sorted(draw(days))}
        case "opened":
            return {
                "send_key": draw(st.sampled_from([*senders[:1] * 3, *senders, "nobody"])),
                "counts": draw(st.sampled_from(["opened", "clicked"])),
                "by_people": draw(st.sampled_from([False, False, True])),
                "late": draw(st.sampled_from(["note", "cancel"])),
                **draw(durations),
            }
        case "audience":
            return {"condition": draw(conditions)}
        case "random_split":
            share = draw(st.sampled_from([0, 30, 50, 100]))
            return {"arms": [{"name": "A", "percent": share}, {"name": "B", "percent": 100 - share}]}
        case "update_profile":
            value = draw(st.sampled_from(["reader", 7, None]))
            return {"changes": [{"attribute": "stage", "value": value}]}
        case _:
            if kind in ways.WAYS:
                return draw(ways.configs(kind, PARTS))
            return draw(actions.configs(kind, kinds))


PORTS = {
    "wait_event": ("happened", "timed_out"),
    "opened": ("opened", "not_opened"),
    "audience": ("yes", "no"),
    "random_split": ("arm_1", "arm_2"),
    "exit": (),
    **actions.PORTS,
}
INNER = (
    *("delay", "wait_event", "wait_window", "opened", "audience", "random_split", "send", "update_profile", "exit"),
    *actions.ACTIONS,
    *ways.WAYS,
)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """One to four entries, up to seven steps; lines may go anywhere, also in circles, and ports may be left open."""
    inner = draw(st.lists(st.sampled_from([*INNER, "send", "opened", "wait_event"]), min_size=2, max_size=len(KEYS)))
    if draw(st.booleans()):  # what journeys are for: a message, and who opened it
        inner = ["send", "opened", *inner][: len(KEYS)]
    kinds = dict(zip(KEYS, inner, strict=False))
    senders = [key for key, kind in kinds.items() if kind == "send"]
    event = draw(st.sampled_from(EVENTS))
    nodes = {"start": ("entry_event", {"event": event, "where": draw(wheres)})}
    more = draw(entries.entries())
    nodes |= more
    nodes |= {key: (kind, draw(configs(kind, senders, kinds))) for key, kind in kinds.items()}
    edges = [(key, "next", KEYS[0]) for key in ("start", *more)]
    for number, (key, kind) in enumerate(kinds.items()):
        onwards = list(kinds)[number + 1 : number + 3]
        # Seldom back to where nobody waits: such circles end after a hundred steps, which one or two lives may show.
        back = [other for other in kinds if kinds[other] in ("delay", "wait_event", "wait_window", "wait_any")]
        back += list(kinds)[:1] if draw(st.integers(0, 30)) == 17 else []  # 0 is drawn far more often
        for port in ways.ports(kind, nodes[key][1]) or PORTS.get(kind, ("next",)):
            target = draw(st.sampled_from([*onwards * 3, *back[:2], None] if onwards else [None, *back]))
            if target is not None:
                edges.append((key, port, target))
    changes = any(kind in (*actions.CHANGING, "engaged") for kind, _ in nodes.values())
    # Two runs of one person beside each other that change and ask the same attribute have no order.
    settings: dict[str, Any] = draw(entries.rules(side_by_side=not changes))
    if "entry_total" in settings:  # each turn is a moment of its own: by our clock there are not too many
        nodes |= {key: (kind, {**config, "clock": "ours"}) for key, (kind, config) in more.items() if "clock" in config}
    settings["timezone"] = draw(st.sampled_from(["", "", "America/New_York", "Asia/Kolkata"]))
    if draw(st.booleans()):
        settings |= {
            "goal_event": draw(
                st.sampled_from([other for other in EVENTS if other != event] * 2 + [event, actions.NOTED])
            ),
            "goal_where": draw(wheres),
            "goal_window_hours": draw(st.sampled_from([1, 24, 168])),
            "goal_exits": draw(st.booleans()),
        }
    if draw(st.integers(0, 2)) == 0:
        settings["exit_rules"] = draw(actions.exit_rules)
    return Drawing(nodes, edges, settings)


steps_of_time = st.sampled_from(
    [timedelta(seconds=1), timedelta(minutes=1), timedelta(minutes=7), timedelta(hours=1), timedelta(hours=9)] * 2
    + [timedelta(days=1), timedelta(days=2, minutes=1), timedelta(days=6)]
)


@st.composite
def histories(draw: st.DrawFn, drawing: Drawing, people: int = 4) -> tuple[list[datetime], list[Life]]:
    """A rising clock, and for each customer what becomes known at each of its moments."""
    moments = [NOW]
    for gap in draw(st.lists(steps_of_time, min_size=5, max_size=10)):
        moments.append(moments[-1] + gap)
    senders = [key for key, (kind, _) in drawing.nodes.items() if kind == "send"]
    askers = [key for key, (kind, _) in drawing.nodes.items() if kind in actions.ASKERS]
    start = drawing.nodes["start"][1]
    lives = []
    for _ in range(people):
        country = draw(st.sampled_from(["DE", "DE", "US", None]))
        life = Life({"country": country, "timezone": draw(st.sampled_from(ZONES)), **draw(ways.known)})
        # The first thing most people do is what the journey begins with.
        life.items[0] = [Did(moments[0], start["event"], {"total": 80, "plan": "trial"})]
        early = st.integers(1, 4) | st.integers(1, len(moments) - 1)
        for number in draw(st.lists(early, min_size=2, max_size=8)):
            life.items.setdefault(number, []).append(draw(items(moments[number], senders, askers)))
        lives.append(life)
    return moments, lives


# How much later than it happened something becomes known.
delays = st.sampled_from([0, 0, 0, 300, 20 * 60_000, 50 * 60_000, 3 * 3_600_000]).map(
    lambda milliseconds: timedelta(milliseconds=milliseconds)
)


@st.composite
def items(draw: st.DrawFn, at: datetime, senders: list[str], askers: list[str]) -> Item:
    what = draw(
        st.sampled_from(["did", "did", "did", "reacted", "reacted", "joined", "left", "way", "way", "said", "brought"])
    )
    if askers and draw(st.integers(0, 2)) == 0:
        return draw(actions.answers(at, askers))
    if what == "reacted" and senders:
        who = draw(st.sampled_from([False, False, False, True]))
        return Reacted(
            at - draw(delays), draw(st.sampled_from(senders)), draw(st.sampled_from(["opened", "clicked"])), who
        )
    if what in ("joined", "left"):
        since = at - draw(delays)
        return Joined(since, 0) if what == "joined" else Left(since, 0)
    if what == "said":
        if draw(st.integers(0, 3)) == 0:
            return Blocked(at, "email")
        return Said(at, draw(st.sampled_from(["marketing", "marketing", "news"])), draw(st.booleans()))
    if what == "brought":
        return draw(entries.items(at - draw(delays)))
    if what == "way":
        return draw(ways.items(at))
    properties: dict[str, Any] = draw(st.sampled_from([{}, {"total": 80}, {"total": 50.0, "plan": "trial"}]))
    return Did(at - draw(delays), draw(st.sampled_from(EVENTS)), properties)
