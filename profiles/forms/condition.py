"""Form fields for conditions and property filters: the <condition-editor> on screen, the condition tree behind it.

The cleaned value is canonical JSON, ready to be stored: a dict for a condition, a list for property filters.
"""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from profiles.segments import ast


class ConditionWidget(forms.Widget):
    """The editor element keeps an input of the field's name in step with what is drawn."""

    def __init__(
        self, mode: str, *, event: str = "", event_field: str = "", attrs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(attrs)
        self.mode, self.event, self.event_field = mode, event, event_field

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """One element; it draws itself wherever it is put into a page."""
        given = attrs or {}
        return format_html(
            '<condition-editor id="{}" name="{}" mode="{}" value="{}" schema-url="{}" count-url="{}"'
            ' event="{}" event-field="{}"{}></condition-editor>',
            given.get("id", f"id_{name}"),
            name,
            self.mode,
            value or "",
            reverse("segment_schema"),
            reverse("segment_count") if self.mode != "where" else "",
            self.event,
            self.event_field,
            SafeString(" readonly") if given.get("disabled") else "",
        )


class _TreeField(forms.Field):
    empty: Any = None

    def prepare_value(self, value: Any) -> Any:
        """JSON text for the editor; what was posted stays as it was posted."""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value else ""

    def to_python(self, value: Any) -> Any:
        """Read and validate; the error says what is needed, in a marketer's words."""
        if value in (None, "", "[]", "{}", [], {}):
            return self.empty
        try:
            return self.read(json.loads(value) if isinstance(value, str) else value)
        except json.JSONDecodeError as error:
            raise ValidationError(_("The condition could not be read."), code="invalid") from error
        except ast.ConditionError as error:
            raise ValidationError(error.message, code="invalid", params={"path": error.path}) from error

    def read(self, raw: Any) -> Any:
        """The canonical JSON of `raw`."""
        raise NotImplementedError

    def validate(self, value: Any) -> None:
        """Nothing asked is only fine where the field may be left empty."""
        if self.required and not value:
            raise ValidationError(_("Add at least one condition."), code="required")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is meant, not how it is written."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class ConditionField(_TreeField):
    """A condition about people. `mode` "attribute-only" offers nothing but attributes."""

    def __init__(self, *, mode: str = "condition", **kwargs: Any) -> None:
        kwargs.setdefault("widget", ConditionWidget(mode))
        super().__init__(**kwargs)

    def read(self, raw: Any) -> dict[str, Any]:
        """A condition."""
        return ast.dump(ast.parse(raw))


class WhereField(_TreeField):
    """Property filters of an event. `event_field` names the form field that holds the event's name."""

    empty: Any = ()

    def __init__(self, *, event: str = "", event_field: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("widget", ConditionWidget("where", event=event, event_field=event_field))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        """Always a list."""
        return list(super().to_python(value))

    def read(self, raw: Any) -> list[dict[str, Any]]:
        """Property filters."""
        return ast.dump_where(ast.parse_where(raw))
