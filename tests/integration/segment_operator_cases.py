"""Cases of comparisons, written from docs/conditions.md alone: (operator, value, {who: what they have}, who is inside).

`None` for somebody: they have nothing there. Now is Monday, 2 March 2026, 10:00 in UTC.
"""

from typing import Any

TEXTS = {"ann": "Berlin", "bob": "berlin", "cid": "Wien", "dan": "", "eve": None}
NUMBERS = {"ann": 5, "bob": "5", "cid": 5.5, "dan": -3, "eve": None, "fay": "five"}
LISTS = {"ann": ["red", "blue"], "bob": ["red"], "cid": "red", "dan": [], "eve": None, "fay": ["Red", 7]}
DATES = {"ann": "2026-03-01", "bob": "2026-03-02", "cid": "2026-03-02T11:00:00Z", "dan": "soon", "eve": None}
BIRTHS = {"ann": "1990-03-02", "bob": "1985-03-09", "cid": "2004-02-29", "dan": "1999-12-31", "eve": None}

OPERATORS: list[tuple[str, Any, dict[str, Any], str]] = [
    ("is_set", None, TEXTS, "ann bob cid"),
    ("is_not_set", None, TEXTS, "dan eve"),
    ("is_set", None, {"ann": 0, "bob": False, "cid": [], "dan": None}, "ann bob cid"),
    ("eq", "Berlin", TEXTS, "ann"),
    ("ne", "Berlin", TEXTS, "bob cid dan eve"),
    ("one_of", ["Berlin", "Wien"], TEXTS, "ann cid"),
    ("contains", "erl", TEXTS, "ann bob"),
    ("not_contains", "erl", TEXTS, "cid dan eve"),
    ("starts_with", "B", TEXTS, "ann"),
    ("ends_with", "n", TEXTS, "ann bob cid"),
    ("matches", "?er*", TEXTS, "ann bob"),
    ("matches", "W*e?", TEXTS, "cid"),
    ("contains", "%", {"ann": "100 %", "bob": "100"}, "ann"),
    ("matches", "1_%*", {"ann": "1_%", "bob": "1ab", "cid": "1_%x"}, "ann cid"),
    ("starts_with", "É", {"ann": "École", "bob": "Ecole"}, "ann"),
    ("eq", 5, NUMBERS, "ann bob"),
    ("ne", 5, NUMBERS, "cid dan eve fay"),
    ("one_of", [5, -3], NUMBERS, "ann bob dan"),
    ("gt", 5, NUMBERS, "cid"),
    ("gte", 5, NUMBERS, "ann bob cid"),
    ("lt", 5, NUMBERS, "dan"),
    ("lte", 5, NUMBERS, "ann bob dan"),
    ("between", [-3, 5], NUMBERS, "ann bob dan"),
    ("gt", 0.1, {"ann": 0.1, "bob": 0.10000001, "cid": "0.2"}, "bob cid"),
    ("eq", "5", {"ann": 5, "bob": "5", "cid": "05"}, "ann bob"),
    ("is_true", None, {"ann": True, "bob": False, "cid": "true", "dan": None, "eve": 1}, "ann cid"),
    ("is_false", None, {"ann": True, "bob": False, "cid": "false", "dan": None, "eve": 0}, "bob cid"),
    ("contains", "red", LISTS, "ann bob cid"),
    ("includes_any", ["red", "green"], LISTS, "ann bob cid"),
    ("includes_all", ["red", "blue"], LISTS, "ann"),
    ("includes_none", ["red", "green"], LISTS, "dan eve fay"),
    ("includes_any", [7], LISTS, "fay"),
    ("before", "2026-03-02", DATES, "ann"),
    ("after", "2026-03-01", DATES, "bob cid"),
    ("before", "2026-03-02T11:00:00Z", DATES, "ann bob"),
    ("after", "2026-03-02T11:30:00+01:00", DATES, "cid"),
    ("on", "2026-03-02", DATES, "bob cid"),
    ("date_between", ["2026-03-01", "2026-03-02"], DATES, "ann bob cid"),
    ("date_between", ["2026-03-02", "2026-03-31"], DATES, "bob cid"),
    ("in_last", {"amount": 12, "unit": "hours"}, DATES, "bob"),
    ("in_last", {"amount": 2, "unit": "days"}, DATES, "ann bob"),
    ("not_in_last", {"amount": 12, "unit": "hours"}, DATES, "ann cid dan eve"),
    ("in_next", {"amount": 1, "unit": "weeks"}, DATES, "cid"),
    ("more_than_ago", {"amount": 1, "unit": "days"}, DATES, "ann"),
    ("anniversary_today", None, BIRTHS, "ann"),
    ("anniversary_in_next", {"amount": 1, "unit": "weeks"}, BIRTHS, "ann bob"),
    ("anniversary_in_next", {"amount": 6, "unit": "days"}, BIRTHS, "ann"),
    ("anniversary_in_last", {"amount": 2, "unit": "days"}, BIRTHS, "ann cid"),
    ("anniversary_in_last", {"amount": 1, "unit": "days"}, BIRTHS, "ann"),
    ("anniversary_in_last", {"amount": 9, "unit": "weeks"}, BIRTHS, "ann cid dan"),
]
