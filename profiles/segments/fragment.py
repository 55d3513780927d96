"""Pieces of SQL that carry their bound parameters, so that no value is ever written into a statement's text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fragment:
    """SQL text with `%s` marks and their values, in order."""

    text: str
    params: tuple[Any, ...] = ()


def sql(template: str, *parts: Any) -> Fragment:
    """Fill each `{}`: a Fragment is written in, anything else becomes a bound parameter."""
    texts: list[str] = []
    params: list[Any] = []
    for part in parts:
        if isinstance(part, Fragment):
            texts.append(part.text)
            params.extend(part.params)
        else:
            texts.append("%s")
            params.append(part)
    return Fragment(template.format(*texts), tuple(params))


def join(word: str, parts: Iterable[Fragment]) -> Fragment:
    """The parts in brackets with `word` between them."""
    listed = list(parts)
    if len(listed) == 1:
        return listed[0]
    text = f" {word} ".join(f"({part.text})" for part in listed)
    return Fragment(text, tuple(value for part in listed for value in part.params))
