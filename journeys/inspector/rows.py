"""A short table inside a form: a list of small objects, filled in row by row, without JavaScript of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from journeys.inspector.columns import Column, in_row, keyed

__all__ = ["Column", "RowsField"]


class RowsWidget(forms.Widget):
    """The rows there are and, while there is room, one empty row. Rows with a key can be moved up and taken away, and
    rows with conditions are drawn one below the other instead of as a table.
    """

    def __init__(self, columns: Sequence[Column], least: int, most: int) -> None:
        super().__init__()
        self.columns, self.least, self.most = columns, least, most

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        rows = list(value or [])
        blank = {column.name: None for column in self.columns}
        rows += [blank] * max(self.least - len(rows), 1 if len(rows) < self.most else 0)
        disabled = bool((attrs or {}).get("disabled"))
        drawn = [
            {
                "name": f"{name}-{n}",
                "number": n + 1,
                "filled": row is not blank,
                "moved": f"{name}-{n - 1}-up {name}-{n - 1}-remove",  # what takes its place for the focus, once drawn
                "gone": f"{name}-{n}-remove {name}-{n - 1}-remove",
                "hidden": [one.input(name, n, row, disabled=disabled) for one in self._hidden],
                "cells": [(one, one.input(name, n, row, disabled=disabled)) for one in self._seen],
            }
            for n, row in enumerate(rows)
        ]
        stacked = any(column.tree for column in self.columns)
        template = "components/_rows_stacked.html" if stacked else "components/_rows_widget.html"
        return render_to_string(template, {"columns": self._seen, "rows": drawn, "movable": not disabled})

    @property
    def _hidden(self) -> list[Column]:
        return [column for column in self.columns if column.hidden]

    @property
    def _seen(self) -> list[Column]:
        return [column for column in self.columns if not column.hidden]

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """A list as it is (the API), else what was typed into the rows: empty ones and those taken away left out."""
        if name in data:
            return data[name]
        rows: list[dict[str, Any]] = []
        for n in range(self.most):
            row = {column.name: column.read(data.get(f"{name}-{n}-{column.name}", "")) for column in self.columns}
            if data.get(f"{name}-{n}-remove") or all(row[column.name] is None for column in self._seen):
                continue
            rows.insert(len(rows) - 1 if data.get(f"{name}-{n}-up") and rows else len(rows), row)
        return rows

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False


class RowsField(forms.Field):
    """Cleans to a list of dicts with exactly the columns' names as keys."""

    def __init__(self, *, columns: Sequence[Column], least: int, most: int, **kwargs: Any) -> None:
        self.columns, self.least, self.most = columns, least, most
        super().__init__(required=False, widget=RowsWidget(columns, least, most), **kwargs)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        """Check the shape and the columns; the form that uses the field checks the meaning."""
        names = {column.name for column in self.columns}
        if not isinstance(value, list) or not all(isinstance(row, dict) and set(row) <= names for row in value):
            raise ValidationError(_("This should be a list of rows."))
        if not self.least <= len(value) <= self.most:
            raise ValidationError(
                _("Between %(least)s and %(most)s rows, please.") % {"least": self.least, "most": self.most}
            )
        rows = [self._row(row, number) for number, row in enumerate(value, start=1)]
        for column in self.columns:
            if column.type == "key":
                rows = keyed(rows, column.name)
        return rows

    def _row(self, row: Mapping[str, Any], number: int) -> dict[str, Any]:
        clean = {}
        for column in self.columns:
            try:
                clean[column.name] = column.clean(row.get(column.name))
            except ValidationError as error:
                raise in_row(error, number, str(self.label)) from error
        return clean

    def shape(self, rows: Sequence[Mapping[str, Any]]) -> list[bool]:
        """What the panel has to be drawn anew for when it changes: in which rows a secret is set."""
        told = (column.locks(row) for row in rows for column in self.columns)
        return [locked for locked in told if locked is not None]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != data)
