"""What conditions share that ask one question of a field: is it, how large is it, when was it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from profiles.segments.filters import read_question
from profiles.segments.kind import Kind
from profiles.segments.operators import OPERATORS
from profiles.segments.reading import Value, dump_value, only


@dataclass(frozen=True, slots=True)
class Question(Kind):
    """country is one of Germany, Austria. The kind says whose field it is."""

    field: str
    op: str
    value: Value = None

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"field", "op", "value"}."""
        only(raw, path, "type", "field", "op", "value")
        return cls(*read_question(raw, path))

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type, "field": self.field, "op": self.op} | dump_value(self.value)

    @property
    def moves(self) -> bool:
        """By the operator."""
        return OPERATORS[self.op].moves

    @property
    def days(self) -> bool:
        """By the operator."""
        return OPERATORS[self.op].days
