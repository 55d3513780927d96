"""A short table inside a form: a list of small objects, typed in row by row, without JavaScript."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is text, number, or any: a value that is read as JSON where it can be, else as text."""

    name: str
    label: str | Promise
    type: str = "text"

    def shown(self, value: Any) -> str:
        """The value as it stands in the input."""
        if value is None:
            return ""
        if self.type == "any" and not (isinstance(value, str) and isinstance(_read(value), str)):
            return json.dumps(value, ensure_ascii=False)
        return str(value)

    def read(self, text: str) -> Any:
        """What was typed, as a value; nothing typed is None."""
        text = text.strip()
        if not text:
            return None
        if self.type == "number":
            return int(text) if text.isdecimal() else text
        return _read(text) if self.type == "any" else text


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


class RowsWidget(forms.Widget):
    """Inputs named `<field>-<row>-<column>`: the rows there are and, while there is room, one empty row."""

    def __init__(self, columns: Sequence[Column], least: int, most: int) -> None:
        super().__init__()
        self.columns, self.least, self.most = columns, least, most

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        rows = list(value or [])
        blank = {column.name: None for column in self.columns}
        rows += [blank] * max(self.least - len(rows), 1 if len(rows) < self.most else 0)
        cells = [
            [
                {
                    "name": f"{name}-{n}-{column.name}",
                    "column": column,
                    "value": column.shown(row.get(column.name)),
                }
                for column in self.columns
            ]
            for n, row in enumerate(rows)
        ]
        return render_to_string("components/_rows_widget.html", {"columns": self.columns, "rows": cells, "name": name})

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """A list as it is (the API), else what was typed into the rows, empty rows left out."""
        if name in data:
            return data[name]
        rows = []
        for n in range(self.most):
            typed = [data.get(f"{name}-{n}-{column.name}", "") for column in self.columns]
            if any(text.strip() for text in typed):
                rows.append({column.name: column.read(text) for column, text in zip(self.columns, typed, strict=True)})
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False


class RowsField(forms.Field):
    """Cleans to a list of dicts with exactly the columns' names as keys."""

    def __init__(self, *, columns: Sequence[Column], least: int, most: int, **kwargs: Any) -> None:
        self.columns, self.least, self.most = columns, least, most
        super().__init__(required=False, widget=RowsWidget(columns, least, most), **kwargs)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """Check the shape; the form that uses the field checks the meaning."""
        names = {column.name for column in self.columns}
        if not isinstance(value, list) or not all(isinstance(row, dict) and set(row) <= names for row in value):
            raise ValidationError(_("This should be a list of rows."))
        if not self.least <= len(value) <= self.most:
            raise ValidationError(
                _("Between %(least)s and %(most)s rows, please.") % {"least": self.least, "most": self.most}
            )
        return [{column.name: row.get(column.name) for column in self.columns} for row in value]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != data)
