"""No question at all: everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from profiles.segments.fragment import Fragment
from profiles.segments.kind import Kind, People, register
from profiles.segments.reading import only
from profiles.segments.sets import Answer, Test


@register
@dataclass(frozen=True, slots=True)
class Everybody(Kind):
    """Every person there is."""

    type: ClassVar[str] = "everybody"

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """Nothing but the type."""
        only(raw, path, "type")
        return cls()

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type}

    def words(self, names: Mapping[int, str]) -> str:
        """ "are known here"."""
        return _("are anybody at all")

    def answer(self, now: datetime) -> Answer:
        """Always true."""
        return Test(Fragment("TRUE"))

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> None:
        """Nothing is needed."""

    def holds(self, profile: int, facts: None, now: datetime) -> bool:
        """Always."""
        return True

    def found(self, profile: int, facts: None, now: datetime) -> str:
        """Yes."""
        return _("yes")

    def interests(self) -> set[tuple[str, str]]:
        """People who are new are looked at anyway."""
        return set()

    def blank(self) -> bool:
        """Anybody."""
        return True
