"""Tables inside an inspector: rows keep their key when they move, and conditions are read row by row."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from journeys.inspector.rows import Column, RowsField

DE = {"type": "attribute", "field": "country", "op": "eq", "value": "DE"}
FIELD = RowsField(
    label="Ways",
    columns=[Column("port", type="key"), Column("name", "Name"), Column("condition", "Who", type="condition")],
    least=0,
    most=4,
)


def posted(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    typed = {
        f"ways-{n}-{name}": json.dumps(value) if isinstance(value, dict) else value
        for n, row in enumerate(rows)
        for name, value in row.items()
    }
    data = QueryDict(mutable=True)
    data.update(typed)
    return FIELD.clean(FIELD.widget.value_from_datadict(data, {}, "ways"))


def test_a_new_row_gets_a_key_that_was_never_used_beside_the_others() -> None:
    rows = posted({"port": "way_3", "name": "A"}, {"port": "", "name": "B", "condition": DE}, {"port": "", "name": ""})
    assert rows == [
        {"port": "way_3", "name": "A", "condition": {}},
        {"port": "way_4", "name": "B", "condition": DE},
    ]


@pytest.mark.parametrize("key", ["way_3", "else", "way_-1", "way_", "4", "way_1234567"])
def test_keys_are_ours_and_nobody_has_one_twice(key: str) -> None:
    assert [row["port"] for row in posted({"port": "way_3", "name": "A"}, {"port": key, "name": "B"})] == [
        "way_3",
        "way_4",
    ]


def test_rows_move_up_with_their_key_and_are_taken_away() -> None:
    three = [{"port": f"way_{n}", "name": str(n)} for n in (1, 2, 3)]
    moved = posted(three[0], three[1], three[2] | {"up": "1"})
    assert [row["port"] for row in moved] == ["way_1", "way_3", "way_2"]
    left = posted(three[0], three[1] | {"remove": "1"}, three[2])
    assert [row["port"] for row in left] == ["way_1", "way_3"]


def test_an_error_says_in_which_row() -> None:
    with pytest.raises(ValidationError) as refused:
        posted({"name": "A", "condition": DE}, {"name": "B", "condition": {"type": "attribute", "field": "country"}})
    assert refused.value.messages == ["Ways 2: There is no comparison “None”."]


def test_what_is_shown_can_be_posted_again() -> None:
    html = FIELD.widget.render("ways", [{"port": "way_2", "name": 'A "b"', "condition": DE}])
    assert '<input type="hidden" name="ways-0-port" value="way_2">' in html
    assert 'name="ways-0-name" value="A &quot;b&quot;"' in html
    assert 'name="ways-0-condition" mode="condition" value="{&quot;type&quot;' in html
    assert 'name="ways-0-remove"' in html
    assert 'name="ways-1-remove"' not in html  # the empty one
    assert "disabled" in FIELD.widget.render("ways", [], {"disabled": True})
