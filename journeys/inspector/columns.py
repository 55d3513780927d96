"""The columns of a short table inside a form: how a value is shown, read from what was typed, and checked."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from journeys.inspector.form import EventNameField
from profiles.forms.condition import ConditionField, ConditionWidget, WhereField

KEY: Final = "way"  # keys are way_1, way_2 …
NO_CONDITION: Final[dict[str, Any]] = {}


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is text, number, any (a value that is read as JSON where it can be, else as text), event, condition, where
    (about the properties of the row's column `event`), secret (shown again in rows of which `shows` says so, and else
    only that there is one: where the row has a `secret`), kept: not seen and given back, or key: not seen, and the
    row's own for ever, so that a line that leaves through its port stays with it when rows change places.
    """

    name: str
    label: str | Promise = ""
    type: str = "text"
    event: str = ""
    shows: Callable[[Mapping[str, Any]], bool] | None = None

    @property
    def tree(self) -> bool:
        """Whether it is drawn by the condition editor."""
        return self.type in ("condition", "where")

    @property
    def hidden(self) -> bool:
        """Whether nobody fills it in."""
        return self.type in ("key", "kept")

    def locks(self, values: Mapping[str, Any]) -> bool | None:
        """Whether the row has a secret that is never shown again. None: the cell shows what it says."""
        if self.type != "secret" or not self.shows or self.shows(values):
            return None
        return values.get("secret") not in (None, "", "needed")

    def shown(self, value: Any) -> str:
        """The value as it stands in the input."""
        if value is None:
            return ""
        if self.tree:
            return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value else ""
        if self.type == "any" and not (isinstance(value, str) and isinstance(_read(value), str)):
            return json.dumps(value, ensure_ascii=False)
        return str(value)

    def input(self, field: str, row: int, values: Mapping[str, Any], *, disabled: bool) -> SafeString:
        """What the cell is filled in with, named `<field>-<row>-<column>`."""
        name, shown = f"{field}-{row}-{self.name}", self.shown(values.get(self.name))
        if self.hidden:
            return format_html('<input type="hidden" name="{}" value="{}">', name, shown)
        if self.tree:
            widget = ConditionWidget(self.type, event_field=f"{field}-{row}-{self.event}" if self.event else "")
            return widget.render(name, shown, {"id": f"id_{name}", "disabled": disabled})
        locked = self.locks(values)
        if locked is not None:
            return self._secret(name, is_set=locked, disabled=disabled)
        extra = {"number": ' inputmode="numeric"', "event": ' list="event-names"'}.get(self.type, "")
        return format_html(
            '<input class="form-control form-control-sm" name="{}" value="{}" aria-label="{}" autocomplete="off"{}{}>',
            *(name, shown, self.label, SafeString(extra), SafeString(" disabled" if disabled else "")),
        )

    def _secret(self, name: str, *, is_set: bool, disabled: bool) -> SafeString:
        told = _("Is set") if is_set else ""
        return format_html(
            '<input type="password" class="form-control form-control-sm" name="{}" aria-label="{}" placeholder="{}"'
            ' autocomplete="new-password"{}>',
            *(name, self.label, told, SafeString(" disabled" if disabled else "")),
        )

    def read(self, text: str) -> Any:
        """What was typed, as a value; nothing typed is None."""
        text = text.strip()
        if not text:
            return None
        if self.tree:
            return _read(text) or None
        if self.type == "number":
            return int(text) if text.isdecimal() else text
        return _read(text) if self.type == "any" else text

    def clean(self, value: Any) -> Any:
        """The value as it is kept. ValidationError: it cannot be understood. Keys are given by `keyed`."""
        match self.type:
            case "condition":
                return ConditionField(required=False).clean(value) or NO_CONDITION
            case "where":
                return WhereField().clean(value)
            case "event":
                return EventNameField().clean(value)
        return value


def keyed(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """Every row with a key that no other has: its own, else a new one."""
    taken: set[str] = set()
    fresh = []
    for row in rows:
        key = row[column]
        if isinstance(key, str) and _number(key) and key not in taken:
            taken.add(key)
        else:
            fresh.append(row)
    highest = max((_number(key) for key in taken), default=0)
    for number, row in enumerate(fresh, start=highest + 1):
        row[column] = f"{KEY}_{number}"
    return rows


def _number(key: str) -> int:
    number = key.removeprefix(f"{KEY}_")
    return int(number) if number.isascii() and number.isdecimal() and len(number) <= 6 and key != number else 0


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def in_row(error: ValidationError, number: int, label: str) -> ValidationError:
    """The same error, which says where."""
    return ValidationError([f"{label} {number}: {text}" for text in error.messages])
