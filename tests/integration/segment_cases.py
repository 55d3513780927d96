"""Cases of conditions, written from docs/conditions.md alone: who did what, what is asked, who should be inside when.

A case is (name, condition, what happened, who is inside, *later), with `later` any number of (how much later, what
happened, who is inside). What happened is sentences: "ann Bought 30d-1s total=60; bob is plan=pro".
"""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

Call = dict[str, Any]
Case = tuple[Any, ...]

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
SPAN = re.compile(r"\d+[dhms](-\d+[dhms])?")


def span(text: str) -> timedelta:
    """A length of time: "2d", "30d-1s"."""
    parts = [timedelta(**{UNITS[part[-1]]: int(part[:-1])}) for part in text.split("-")]
    return parts[0] - sum(parts[1:], timedelta())


def calls(text: str) -> Iterator[Call]:
    """Sentences as calls: who, did what (or "is"), so long ago or at that moment, with these values."""
    for sentence in filter(None, map(str.strip, text.split(";"))):
        who, what, *more = sentence.split(" ")
        when: timedelta | str = timedelta()
        if more and "=" not in more[0]:
            first, *more = more
            when = span(first) if SPAN.fullmatch(first) else first
        given = {name: _value(value) for name, _, value in (one.partition("=") for one in more)}
        call: Call = {"userId": who, "when": when}
        known = {"type": "identify", "traits": given}
        yield call | (known if what == "is" else {"type": "track", "event": what, "properties": given})


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def bought(**asked: Any) -> dict[str, Any]:
    """A question about buying."""
    return {"type": "event", "event": "Bought", **asked}


def last(amount: int, unit: str) -> dict[str, Any]:
    """The last so many."""
    return {"amount": amount, "unit": unit}


def times(op: str, n: int, **more: Any) -> dict[str, Any]:
    """Bought so many times."""
    return bought(count={"op": op, "n": n}, **more)


def figure(of: str, op: str, value: float, field: str = "total", **more: Any) -> dict[str, Any]:
    """A figure over what was bought."""
    return bought(measure={"of": of, "field": field, "op": op, "value": value}, **more)


def steps(*listed: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A sequence."""
    return {"type": "sequence", "steps": list(listed), **more}


def has(field: str, op: str, value: Any = None) -> dict[str, Any]:
    """A question about an attribute."""
    return {"type": "attribute", "field": field, "op": op} | ({} if value is None else {"value": value})


def group(kind: str, *of: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A group."""
    return {"type": kind, "of": list(of), **more}


THREE = "ann Bought 1d; ann Bought 2d; ann Bought 3d; bob Bought 1d; bob Bought 2d; cid is"
YEARS_END = "ann Bought 2025-12-31T23:59:59.999Z; bob Bought 2026-01-01T00:00:00Z"
VIEWS = "ann Viewed 3d; ann Bought 2d; bob Bought 2d; bob Viewed 1d; cid Bought 1d"
DEAR = [{"field": "total", "op": "gt", "value": 50}]
COUPON = {"field": "coupon", "op": "is_set"}
IN_WIEN = {"field": "shop.city", "op": "eq", "value": "Wien"}

EVENTS: list[Case] = [
    ("did it", bought(), "ann Bought; bob Viewed", "ann", ("1h", "bob Bought", "ann bob")),
    ("did not", bought(did=False), "ann Bought; bob is", "bob", ("1h", "bob Bought", "")),
    ("names are exact", bought(), "ann bought; bob Boughty", ""),
    ("at least", times("at_least", 3), THREE, "ann", ("1h", "bob Bought", "ann bob")),
    ("at most", times("at_most", 2), THREE, "bob cid", ("1h", "bob Bought", "cid")),
    ("exactly", times("exactly", 2), THREE, "bob", ("1h", "bob Bought", "")),
    ("exactly none", times("exactly", 0), THREE, "cid", ("1h", "cid Bought", "")),
    ("at most none", times("at_most", 0), THREE, "cid"),
    ("not at least", times("at_least", 3, did=False), THREE, "bob cid"),
    ("not at most", times("at_most", 2, did=False), THREE, "ann"),
    ("not exactly none", times("exactly", 0, did=False), THREE, "ann bob"),
    (
        "a count within a time falls by itself",
        times("at_least", 2, within=last(3, "days")),
        "ann Bought 1d; ann Bought 2d; bob Bought 1d; bob Bought 9d",
        "ann",
        ("1d-1s", "", "ann"),
        ("1d", "", ""),
    ),
    (
        "at most so many comes true by itself",
        times("at_most", 1, within=last(3, "days")),
        "ann Bought 1d; ann Bought 2d; bob is",
        "bob",
        ("1d", "", "ann bob"),
    ),
    (
        "so many days ago is outside the last so many days",
        bought(within=last(30, "days")),
        "ann Bought 30d; bob Bought 30d-1s",
        "bob",
        ("1s", "", ""),
    ),
    (
        "did not for so long comes true by itself",
        bought(did=False, within=last(14, "days")),
        "ann Bought 13d; bob Bought 20d; cid is",
        "bob cid",
        ("1d-1s", "", "bob cid"),
        ("1d", "cid Bought", "ann bob"),
    ),
    ("minutes", bought(within=last(30, "minutes")), "ann Bought 29m", "ann", ("1m-1s", "", "ann"), ("1m", "", "")),
    ("hours", bought(within=last(2, "hours")), "ann Bought 119m", "ann", ("1m-1s", "", "ann"), ("1m", "", "")),
    ("weeks", bought(within=last(2, "weeks")), "ann Bought 13d", "ann", ("1d-1s", "", "ann"), ("1d", "", "")),
    ("before a day", bought(within={"before": "2026-01-01"}), YEARS_END, "ann"),
    ("on a day or later", bought(within={"after": "2026-01-01"}), YEARS_END, "bob", ("9d", "ann Bought", "ann bob")),
    (
        "both days are included",
        bought(within={"from": "2026-01-01", "to": "2026-01-31"}),
        YEARS_END + "; cid Bought 2026-01-31T23:59:59.999Z; dan Bought 2026-02-01T00:00:00Z",
        "bob cid",
    ),
    (
        "a moment is taken as it is",
        bought(within={"before": "2026-01-01T10:00:00+01:00"}),
        "ann Bought 2026-01-01T08:59:59Z; bob Bought 2026-01-01T09:00:00Z",
        "ann",
    ),
    (
        "between so long and so long ago",
        bought(within={"from": last(60, "days"), "to": last(30, "days")}),
        "ann Bought 29d; bob Bought 45d; cid Bought 61d",
        "bob",
        ("1d-1s", "", "bob"),
        ("2d", "", "ann bob"),
        ("16d", "", "ann"),
        ("32d", "", ""),
    ),
    (
        "since the last time",
        bought(within={"since": "Viewed", "pick": "last"}),
        VIEWS,
        "ann",
        ("1h", "ann Viewed; bob Bought", "bob"),
    ),
    (
        "since the first time",
        bought(within={"since": "Viewed", "pick": "first"}),
        VIEWS,
        "ann",
        ("1h", "ann Viewed", "ann"),
        ("2h", "bob Viewed 5d", "ann bob"),
    ),
    ("not since, also who has no window", bought(did=False, within={"since": "Viewed"}), VIEWS, "bob cid"),
    (
        "the first one ever",
        bought(pick="first", within=last(7, "days")),
        "ann Bought 30d; ann Bought 1d; bob Bought 1d; cid Bought 6d",
        "bob cid",
        ("1d", "bob Bought 40d", ""),
    ),
    (
        "the last one ever",
        bought(pick="last", where=DEAR),
        "ann Bought 2d total=90; ann Bought 1d total=5; bob Bought 1d total=90",
        "bob",
        ("1h", "ann Bought total=51", "ann bob"),
    ),
    (
        "not the first one ever",
        bought(pick="first", did=False, where=DEAR),
        "ann Bought 2d total=90; bob Bought 1d total=5; cid is",
        "bob cid",
    ),
    (
        "one event has to pass all the filters",
        bought(where=[*DEAR, COUPON]),
        "ann Bought 2d total=90; ann Bought coupon=X; bob Bought total=51 coupon=X; cid Bought total=50 coupon=X",
        "bob",
    ),
    (
        "nested properties",
        bought(where=[IN_WIEN]),
        'ann Bought shop={"city":"Wien"}; bob Bought shop=Wien; cid Bought city=Wien',
        "ann",
    ),
    (
        "a sum",
        figure("sum", "gt", 500),
        'ann Bought total=300; ann Bought total=200; bob Bought total="500.01"; cid Bought total=much',
        "bob",
        ("1h", "ann Bought total=0.01", "ann bob"),
    ),
    ("sums are exact", figure("sum", "eq", 0.3), "ann Bought total=0.1; ann Bought total=0.2", "ann"),
    ("a sum of nothing is 0", figure("sum", "lt", 5), "ann is; bob Bought total=9; cid Viewed", "ann cid"),
    (
        "a sum within a time",
        figure("sum", "gte", 100, within=last(7, "days")),
        "ann Bought 6d total=60; ann Bought 1d total=40; bob Bought 8d total=500",
        "ann",
        ("1d", "", ""),
    ),
    (
        "an average",
        figure("average", "gte", 20),
        "ann Bought total=10; ann Bought total=30; bob Bought total=19; cid is",
        "ann",
        ("1h", "ann Bought total=1; bob Bought total=21", "bob"),
    ),
    ("an average of nothing passes nothing", figure("average", "lte", 9), "ann is; bob Bought", ""),
    ("but its opposite does", figure("average", "lte", 9, did=False), "ann is; bob Bought total=9", "ann"),
    (
        "the smallest",
        figure("minimum", "lt", 10),
        "ann Bought total=90; ann Bought total=-1; bob Bought total=10",
        "ann",
    ),
    (
        "the largest",
        figure("maximum", "lte", 50),
        "ann Bought total=50; bob Bought total=50.5; cid Bought; dan is",
        "ann",
    ),
    (
        "different values",
        figure("distinct", "eq", 2, "sku"),
        "ann Bought sku=a; ann Bought sku=b; ann Bought sku=a; bob Bought sku=a",
        "ann",
        ("1h", "ann Bought sku=c; bob Bought sku=b", "bob"),
    ),
    ("no value at all", figure("distinct", "lte", 0, "sku"), "ann is; bob Bought sku=a; cid Bought", "ann cid"),
    ("late news", bought(within=last(7, "days")), "ann is", "", ("1d", "ann Bought 6d", "ann"), ("2d", "", "")),
    ("what is dated ahead", bought(within=last(1, "days")), "ann Bought 2026-03-05T10:00:00Z", "ann", ("1d", "", "")),
]

ADDED, VIEWED, BOUGHT = {"event": "Added"}, {"event": "Viewed"}, {"event": "Bought"}
LEFT = steps(ADDED, {**BOUGHT, "did": False, "after": last(2, "hours")})

SEQUENCES: list[Case] = [
    (
        "first this, then that",
        steps(ADDED, BOUGHT),
        "ann Added 2d; ann Bought 1d; bob Bought 2d; bob Added 1d; cid Added 1d; cid Bought 1d",
        "ann",
        ("1h", "bob Bought", "ann bob"),
    ),
    (
        "within a time",
        steps(ADDED, {**BOUGHT, "after": last(2, "hours")}),
        "ann Added 9h; ann Bought 7h; bob Added 9h; bob Bought 7h-1s",
        "ann",
        ("1h", "bob Added 1m; bob Bought", "ann bob"),
    ),
    (
        "left behind",
        LEFT,
        "ann Added 119m; bob Added 3h; bob Bought 90m; cid Bought",
        "",
        ("1s", "", ""),
        ("61s", "", "ann"),
        ("120s", "ann Bought", "ann"),
        ("180s", "ann Bought 30m", ""),
    ),
    ("not left behind", {**LEFT, "did": False}, "ann Added 119m; bob is", "ann bob", ("61s", "", "bob")),
    ("any start counts", LEFT, "ann Added 2d; ann Added 3h; ann Bought 2h", "ann"),
    (
        "the window is that of the first step",
        {**LEFT, "within": last(1, "days")},
        "ann Added 23h; bob Added 25h",
        "ann",
        ("1h-1s", "", "ann"),
        ("1h", "", ""),
    ),
    (
        "three steps with filters",
        steps(VIEWED, {**ADDED, "where": DEAR}, {**BOUGHT, "did": False, "after": last(1, "hours")}),
        "ann Viewed 5h; ann Added 4h total=60; ann Bought 2h; bob Viewed 5h; bob Added 4h total=60; bob Bought 210m;"
        "cid Viewed 5h; cid Added 4h total=50; dan Added 5h total=60; dan Viewed 4h",
        "ann",
    ),
]

GERMAN, PRO, VIP = has("country", "eq", "DE"), has("plan", "eq", "pro"), has("vip", "is_set")
PEOPLE = "ann is country=DE plan=pro; bob is country=DE; cid is plan=pro; dan is"
PHONE, MAIL = {"type": "identity", "kind": "phone"}, {"type": "reachable", "by": "email"}
EVERYBODY = {"type": "everybody"}
CITIES = 'ann is address={"city":"Berlin"}; bob is address=Berlin; cid is City=Berlin'

GROUPS: list[Case] = [
    ("all", group("all", GERMAN, PRO), PEOPLE, "ann", ("1h", "bob is plan=pro", "ann bob")),
    ("any", group("any", GERMAN, PRO), PEOPLE, "ann bob cid", ("1h", "cid is plan=null", "ann bob")),
    ("none", group("none", GERMAN, PRO), PEOPLE, "dan", ("1h", "dan is country=DE", "")),
    ("at least two", group("at_least", GERMAN, PRO, VIP, n=2), PEOPLE, "ann", ("1h", "cid is vip=1", "ann cid")),
    ("within each other", group("all", GERMAN, group("none", PRO, group("all", VIP))), PEOPLE, "bob"),
    ("switched off", group("all", GERMAN, {**PRO, "off": True}), PEOPLE, "ann bob"),
    ("a group switched off", group("any", PRO, group("any", GERMAN, off=True)), PEOPLE, "ann cid"),
    ("nothing switched on", group("any", {**GERMAN, "off": True}), PEOPLE, ""),
    ("nothing switched on, none", group("none", {**GERMAN, "off": True}), PEOPLE, ""),
    ("at least two, one of them off", group("at_least", GERMAN, PRO, {**VIP, "off": True}, n=2), PEOPLE, "ann"),
    ("a path", has("address.city", "eq", "Berlin"), CITIES, "ann", ("1h", 'ann is address={"city":"Wien"}', "")),
    ("a name of two words", has("favourite_team", "is_set"), "ann is favouriteTeam=x", "ann"),
    ("known by a phone", PHONE, "ann is phone=+43123456; bob is", "ann", ("1h", "bob is phone=+4377777", "ann bob")),
    ("not known by a phone", {**PHONE, "has": False}, "ann is phone=+43123456; bob is", "bob"),
    ("can be written to", MAIL, "ann is email=a@x.example; bob is", "ann", ("1h", "ann is email=null", "")),
    ("cannot be written to", {**MAIL, "reachable": False}, "ann is email=a@x.example; bob is", "bob"),
    ("everybody", EVERYBODY, PEOPLE, "ann bob cid dan", ("1h", "eve Bought", "ann bob cid dan eve")),
    ("everybody but", group("all", EVERYBODY, group("none", PRO)), PEOPLE, "bob dan", ("1h", "dan is plan=pro", "bob")),
    ("not even everybody", group("none", EVERYBODY), PEOPLE, "", ("1h", "eve is", "")),
    ("a list that never was", group("none", {"type": "list", "list": 999_999, "in": True}), PEOPLE, ""),
    ("a topic that never was", group("none", {"type": "consent", "topic": "x", "subscribed": True}), PEOPLE, ""),
]


def has_been(field: str, op: str, value: Any, amount: int, unit: str) -> dict[str, Any]:
    """A question about what has stayed as it is."""
    return {**has(field, op, value), "type": "has_been", "for": last(amount, unit)}


TRIAL = has_been("stage", "eq", "trial", 7, "days")
STAGES = "ann is stage=trial; bob is stage=paid; cid is"
STEADY: list[Case] = [
    (
        "has been for a week",
        TRIAL,
        STAGES,
        "",
        ("3d", "bob is stage=trial", ""),
        ("7d-1s", "", ""),
        ("7d", "", "ann"),
        ("8d", "ann is stage=paid", ""),
        ("9d", "ann is stage=trial", ""),
        ("10d", "bob is stage=trial", "bob"),
        ("16d", "", "ann bob"),
    ),
    (
        "another value counts from anew",
        TRIAL,
        STAGES,
        "",
        ("6d", "ann is stage=x; ann is stage=trial", ""),
        ("7d", "", ""),
    ),
    ("something else that changes", TRIAL, STAGES, "", ("6d", "ann is plan=pro", ""), ("7d", "", "ann")),
    (
        "nothing for a week",
        has_been("stage", "is_not_set", None, 7, "days"),
        STAGES,
        "cid",
        ("1d", "dan is", "cid dan"),
    ),
    (
        "was taken away a week ago",
        has_been("stage", "is_not_set", None, 7, "days"),
        STAGES,
        "cid",
        ("1d", "ann is stage=null", "cid"),
        ("8d", "", "ann cid"),
    ),
    (
        "a number over a limit for two hours",
        has_been("score", "gt", 50, 2, "hours"),
        "ann is score=51; bob is score=50",
        "",
        ("1h", "bob is score=60", ""),
        ("2h", "", "ann"),
        ("150m", "ann is score=70", ""),
        ("3h", "", "bob"),
        ("270m", "", "ann bob"),
    ),
    (
        "a path: what stands beside it counts too",
        has_been("address.city", "eq", "Wien", 1, "days"),
        'ann is address={"city":"Wien"}; bob is address={"city":"Wien"}',
        "",
        ("23h", 'ann is address={"city":"Wien","zip":"1010"}', ""),
        ("24h", "", "bob"),
        ("47h", "", "ann bob"),
    ),
]
