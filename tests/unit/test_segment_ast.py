"""Conditions are read strictly: what is not understood is refused, with the place and a sentence."""

from typing import Any

import pytest

from profiles.segments import ast
from profiles.segments.ast import ConditionError
from profiles.segments.interests import interests, moves

GERMANY = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}


BUY = {"type": "event", "event": "Order Completed"}


def nested(*of: Any, type: str = "all") -> dict[str, Any]:
    return {"type": type, "of": list(of)}


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (None, ""),
        ({}, "type"),
        ({"type": "weather"}, "type"),
        (nested(), "of"),
        ({"type": "all"}, "of"),
        (nested(GERMANY, nested(GERMANY, {"type": "segment"}, type="any")), "of[1].of[1].segment"),
        ({**nested(GERMANY), "of2": []}, "of2"),
        ({**GERMANY, "negate": True}, "negate"),
        ({**GERMANY, "op": "resembles"}, "op"),
        ({**GERMANY, "op": ["eq"]}, "op"),
        ({**GERMANY, "field": "home..city"}, "field"),
        ({**GERMANY, "field": ""}, "field"),
        ({**GERMANY, "value": ""}, "value"),
        ({**GERMANY, "value": True}, "value"),
        ({**GERMANY, "value": "a\x00b"}, "value"),
        ({**GERMANY, "value": "\ud800"}, "value"),
        ({**GERMANY, "value": float("nan")}, "value"),
        ({**GERMANY, "value": "x" * 1001}, "value"),
        ({**GERMANY, "op": "one_of", "value": []}, "value"),
        ({**GERMANY, "op": "one_of", "value": ["DE", None]}, "value[1]"),
        ({**GERMANY, "op": "gt", "value": "many"}, "value"),
        ({**GERMANY, "op": "before", "value": "2026-02-31"}, "value"),
        ({**GERMANY, "op": "in_last", "value": {"amount": 0, "unit": "days"}}, "value.amount"),
        ({**GERMANY, "op": "in_last", "value": {"amount": 3, "unit": "moons"}}, "value.unit"),
        ({**GERMANY, "op": "is_set"}, "value"),
        ({"type": "event"}, "event"),
        ({"type": "event", "event": "A", "did": "yes"}, "did"),
        ({"type": "event", "event": "A", "count": {"op": "about", "n": 1}}, "count.op"),
        ({"type": "event", "event": "A", "count": {"op": "exactly", "n": -1}}, "count.n"),
        ({"type": "event", "event": "A", "count": {"op": "exactly", "n": True}}, "count.n"),
        ({"type": "event", "event": "A", "within": {"amount": 30}}, "within.unit"),
        (nested({"type": "event", "event": "A", "where": [GERMANY]}), "of[0].where[0].type"),
        (nested({"type": "event", "event": "A", "where": [{"field": "x", "op": "?"}]}), "of[0].where[0].op"),
        ({"type": "at_least", "of": [GERMANY]}, "n"),
        ({"type": "at_least", "n": 2, "of": [GERMANY]}, "n"),
        ({"type": "all", "n": 1, "of": [GERMANY]}, "n"),
        ({**GERMANY, "off": 1}, "off"),
        (nested({**GERMANY, "op": "resembles", "off": True}), "of[0].op"),
        ({**GERMANY, "op": "between", "value": [1]}, "value"),
        ({**GERMANY, "op": "between", "value": [1, "x"]}, "value[1]"),
        ({**GERMANY, "op": "on", "value": "2026-03-01T10:00"}, "value"),
        ({**GERMANY, "op": "date_between", "value": ["2026-03-01", "?"]}, "value[1]"),
        ({**GERMANY, "op": "anniversary_in_next", "value": {"amount": 3, "unit": "hours"}}, "value.unit"),
        ({**GERMANY, "op": "anniversary_in_next", "value": {"amount": 53, "unit": "weeks"}}, "value.amount"),
        ({**GERMANY, "type": "has_been"}, "for"),
        (
            {
                "type": "has_been",
                "field": "born",
                "op": "in_last",
                "value": {"amount": 1, "unit": "days"},
                "for": {"amount": 1, "unit": "days"},
            },
            "op",
        ),
        ({"type": "everybody", "value": 1}, "value"),
        ({**BUY, "pick": "second"}, "pick"),
        ({**BUY, "pick": "first", "count": {"op": "at_least", "n": 2}}, "count"),
        ({**BUY, "measure": {"of": "mode", "field": "total", "op": "gt", "value": 5}}, "measure.of"),
        ({**BUY, "measure": {"of": "sum", "field": "a..b", "op": "gt", "value": 5}}, "measure.field"),
        ({**BUY, "measure": {"of": "sum", "field": "total", "op": "ne", "value": 5}}, "measure.op"),
        ({**BUY, "measure": {"of": "sum", "field": "total", "op": "gt"}}, "measure.value"),
        ({"type": "sequence", "steps": [{"event": "A"}]}, "steps"),
        ({"type": "sequence", "steps": [{"event": "A", "did": False}, {"event": "B"}]}, "steps[0].did"),
        ({"type": "sequence", "steps": [{"event": "A"}, {"event": "B", "did": False}]}, "steps[1].after"),
        ({"type": "sequence", "steps": [{"event": "A"}, {"event": "B", "where": [{}]}]}, "steps[1].where[0].field"),
        ({"type": "bucket", "from": 50, "to": 50}, "to"),
        ({"type": "reachable", "by": "pigeon"}, "by"),
        ({"type": "identity"}, "kind"),
        ({"type": "consent"}, "topic"),
        ({"type": "message", "what": "eaten"}, "what"),
        ({"type": "message", "what": "sent", "template": "Welcome"}, "template"),
        ({"type": "journey", "journey": 1, "state": "never", "within": {"amount": 1, "unit": "days"}}, "within"),
        ({"type": "segment", "segment": "5"}, "segment"),
        ({"type": "segment", "segment": True}, "segment"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(raw: Any, path: str) -> None:
    with pytest.raises(ConditionError) as refused:
        ast.parse(raw)
    assert refused.value.path == path
    assert refused.value.message


def test_depth_and_size_have_limits() -> None:
    deep: Any = GERMANY
    for _ in range(ast.MAX_DEPTH):
        deep = nested(deep)
    with pytest.raises(ConditionError, match="at most 10 deep"):
        ast.parse(deep)
    assert ast.parse(deep["of"][0])
    with pytest.raises(ConditionError, match="at most 200"):
        ast.parse(nested(*[GERMANY] * ast.MAX_CONDITIONS))
    with pytest.raises(ConditionError, match="at most 200"):
        ast.parse_where([{"field": "x", "op": "is_set"}] * 201)


def test_canonical_json_fills_in_what_was_left_out() -> None:
    assert ast.canonical(ast.parse({"type": "event", "event": "A"})) == (
        '{"count":{"n":1,"op":"at_least"},"did":true,"event":"A","type":"event","where":[],"within":null}'
    )
    assert ast.dump(ast.parse({**GERMANY, "op": "gt", "value": "5.50"}))["value"] == 5.5
    assert ast.dump(ast.parse({**GERMANY, "op": "gt", "value": 5.0}))["value"] == 5


def test_unfinished_rows_match_nobody_and_never_let_anybody_in() -> None:
    half = {"type": "attribute", "field": "country", "op": "eq"}
    read = ast.parse(nested(GERMANY, half), unfinished=True)
    assert isinstance(read, ast.Group)
    assert read.of[1] == ast.Unfinished("of[1].value", "Give a value.")
    assert isinstance(ast.parse(nested(GERMANY, nested(half), type="none"), unfinished=True), ast.Unfinished)
    assert isinstance(ast.parse(nested(), unfinished=True), ast.Unfinished)
    with pytest.raises(ConditionError):
        ast.dump(read)


def test_interests_name_what_can_change_the_answer() -> None:
    bought = {"type": "event", "event": "Order Completed"}
    nested_name = {"type": "attribute", "field": "home.city", "op": "eq", "value": "Berlin"}
    read = ast.parse(nested(bought, nested_name, {"type": "segment", "segment": 7, "in": False}))
    assert interests(read) == {
        ("merged", ""),
        ("unmerged", ""),
        ("event", "Order Completed"),
        ("attribute", "home"),
        ("entered", "7"),
        ("exited", "7"),
    }
    assert ("created", "") in interests(ast.parse({**bought, "did": False}))
    assert ("created", "") in interests(ast.parse({**GERMANY, "op": "ne"}))
    assert ("created", "") not in interests(ast.parse(bought))


def test_what_moves_with_the_clock() -> None:
    month = {"amount": 30, "unit": "days"}
    assert not moves(ast.parse({"type": "event", "event": "A"}))
    assert moves(ast.parse(nested(GERMANY, {"type": "event", "event": "A", "within": month})))
    assert moves(ast.parse({"type": "event", "event": "A", "where": [{"field": "d", "op": "in_last", "value": month}]}))
    assert moves(ast.parse({"type": "attribute", "field": "d", "op": "not_in_last", "value": month}))
    assert not moves(ast.parse({"type": "attribute", "field": "d", "op": "before", "value": "2026-01-01"}))
