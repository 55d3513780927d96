"""Who uses a segment. The profile store does not know journeys: they register a question here when they start up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that uses a segment: "Welcome series", where it is found, and what it is in a word."""

    name: str
    url: str
    kind: str


Ask = Callable[[Sequence[int]], dict[int, list[Use]]]

_asked: list[Ask] = []


def register(ask: Ask) -> None:
    """`ask(segment_ids)` answers with what uses each of them, in a constant number of statements."""
    if ask not in _asked:
        _asked.append(ask)


def uses(segment_ids: Sequence[int]) -> dict[int, list[Use]]:
    """Everything that uses these segments."""
    found: dict[int, list[Use]] = {ident: [] for ident in segment_ids}
    for ask in _asked:
        for ident, listed in ask(segment_ids).items():
            found[ident].extend(listed)
    return found
