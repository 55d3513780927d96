"""What a kind of condition is: one frozen dataclass in one file of `profiles.segments.kinds`, or registered by an app.

The same question is told five times over, side by side: JSON, words, SQL, plain Python, and what can change its answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Self, TypeVar

from profiles.segments.sets import Answer

Columns = Mapping[str, Any]
People = Mapping[int, Mapping[str, Any]]  # profile id: attributes


@dataclass(frozen=True, slots=True)
class Edge:
    """Who crossed an edge of time: a statement that gives (segment_id, profile id), and one row of its arrays.

    Rows of the same statement are asked together; `fixed` are arguments that all rows of a statement share. The
    statement gets the array `segments` besides the arrays named in `row`. `index` is what makes the statement quick.
    """

    statement: str
    row: Columns
    fixed: tuple[tuple[str, Any], ...] = ()
    index: "DateIndex | None" = None


@dataclass(frozen=True, slots=True, order=True)
class DateIndex:
    """Dates under one path of the attributes, or of the properties of one event, in order; `yearly`: by their day of
    the year.
    """

    path: str
    event: str = ""
    yearly: bool = False


class Kind(ABC):
    """A question about a profile. Instances are frozen and hashable."""

    __slots__ = ()
    type: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """From JSON; ConditionError says what cannot be understood, and where."""

    @abstractmethod
    def dump(self) -> dict[str, Any]:
        """The canonical JSON."""

    @abstractmethod
    def words(self, names: Mapping[int, str]) -> str:
        """What follows "people who"; `names` are those that `names` gave."""

    @abstractmethod
    def answer(self, now: datetime) -> Answer:
        """The meaning in SQL."""

    @classmethod
    @abstractmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Any:
        """The facts that these questions need about these profiles, in a constant number of statements."""

    @abstractmethod
    def holds(self, profile: int, facts: Any, now: datetime) -> bool:
        """The meaning in Python; `facts` are what `load` gave."""

    def among(self, profiles: Collection[int], facts: Any, now: datetime) -> set[int]:
        """Those for whom it holds. For kinds that can prepare once what `holds` would do for each."""
        return {profile for profile in profiles if self.holds(profile, facts, now)}

    @abstractmethod
    def found(self, profile: int, facts: Any, now: datetime) -> str:
        """What was found for this profile, in words: "Germany", "3 times, last on 2 March"."""

    @abstractmethod
    def interests(self) -> set[tuple[str, str]]:
        """The (kind, key) pairs of the change outbox that can change the answer."""

    @abstractmethod
    def blank(self) -> bool:
        """Whether somebody of whom nothing is known matches."""

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """Where to look for whom the clock alone may have changed the answer, later than `since` and up to `now`."""
        return ()

    @property
    def moves(self) -> bool:
        """Whether the clock alone can change the answer."""
        return False

    @property
    def days(self) -> bool:
        """Whether calendar days count, so that `now` has to carry the workspace's zone."""
        return False

    @classmethod
    def names(cls, asked: Collection[Self]) -> dict[int, str]:
        """Names of the rows that these questions speak of, by id."""
        return {}

    @classmethod
    def lost(cls, asked: Collection[Self]) -> dict[Self, str]:
        """Questions that cannot be asked, and why. Whoever asks one matches nobody."""
        return {}


KINDS: Final[dict[str, type[Kind]]] = {}

K = TypeVar("K", bound=type[Kind])


def register(kind: K) -> K:
    """Make a kind known by its `type`."""
    KINDS[kind.type] = kind
    return kind
