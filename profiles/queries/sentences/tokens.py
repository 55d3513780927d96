"""The vocabulary of sentences: each function gives one token, and `at` is the path of its value in the condition.

`static/src/conditions/sentence.ts` reads what is written here. A token is shown unless its `when` forbids it: `has` and
`lacks` name paths with and without a value, `unless` hides it while all these paths have these values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from omnichannel.shared import icons
from profiles.segments.counts import COUNT_LABELS

Token = dict[str, Any]
Fields = dict[str, str]

ATTRIBUTES: Final[Fields] = {"source": "attributes"}
COMPANY: Final[Fields] = {"source": "account"}
OF_EVENT: Final[Fields] = {"event": "event"}
NEVER: Final = {"did": False, "count.op": "at_least", "count.n": 1}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One kind of condition: where it can be started from, its tokens, and the member whose flip is its opposite."""

    type: str
    starts: Sequence[dict[str, Any]]
    tokens: Sequence[Token]
    opposite: str = ""

    def dump(self) -> dict[str, Any]:
        """As the editor reads it."""
        return {"type": self.type, "starts": self.starts, "tokens": self.tokens, "opposite": self.opposite}

    def icons(self) -> set[str]:
        """The icons it names."""
        named = {start["icon"] for start in self.starts} | {token["icon"] for token in self.tokens if "icon" in token}
        lines = [token for token in self.tokens if token["as"] == "lines"]
        inside = [one for token in lines for one in (*token["first"], *token["next"])]
        return named | {token["icon"] for token in inside if "icon" in token}


_told: dict[str, Callable[[], Sentence]] = {}


def register(type: str, tell: Callable[[], Sentence]) -> None:
    """Tell conditions of this type as `tell()` says; it is asked anew each time, in the reader's language."""
    _told[type] = tell


def told(types: Mapping[str, object]) -> list[Sentence]:
    """The sentences of these kinds, in the order they came."""
    return [tell() for type, tell in _told.items() if type in types]


def drawn(sentences: Sequence[Sentence]) -> dict[str, str]:
    """The pictures of all icons that are named."""
    return {name: str(icons.markup(name)) for name in sorted({one for each in sentences for one in each.icons()})}


def start(label: str, icon: str, group: str, raw: dict[str, Any], **more: str) -> dict[str, Any]:
    """A place to start from. With `source` or `fields`: one for each name, which goes `into` that member."""
    return {"label": label, "icon": icon, "group": group, "raw": raw} | more


def subject(icon: str, *, at: str = "", text: str = "", tone: str = "blue", missing: str = "") -> Token:
    """What the row is about: the name under `at`, or a fixed text."""
    more = {"at": at, "missing": missing or _("Choose what it is about.")} if at else {"text": text}
    return {"as": "subject", "name": _("What the row is about"), "icon": icon, "tone": tone} | more


def word(text: str, when: dict[str, Any] | None = None) -> Token:
    """A word between tokens."""
    return {"as": "word", "name": "", "text": text} | _when(when)


def option(label: str, set: dict[str, Any], *, drop: Sequence[str] = (), hidden: bool = False) -> dict[str, Any]:
    """One answer: the values it sets and the members it drops. A hidden one is only shown where it is so already."""
    return {"label": label, "set": set} | ({"drop": list(drop)} if drop else {}) | ({"hidden": True} if hidden else {})


def choice(name: str, options: Sequence[dict[str, Any]], when: dict[str, Any] | None = None) -> Token:
    """One of a few answers."""
    return {"as": "choice", "name": name, "options": list(options)} | _when(when)


def yes_no(name: str, at: str, yes: str, no: str) -> Token:
    """A choice of two."""
    return choice(name, [option(yes, {at: True}), option(no, {at: False})])


def number(
    name: str, at: str, least: float, most: float, *, one: str = "{n}", many: str = "{n}", whole: bool = True,
    when: dict[str, Any] | None = None,
) -> Token:  # fmt: skip
    """A number; `one` and `many` are its words."""
    limits = {"min": least, "max": most, "whole": whole, "one": one, "many": many}
    return {"as": "number", "name": name, "at": at, "missing": _("Give a number.")} | limits | _when(when)


def text(name: str, at: str, missing: str) -> Token:
    """A text that somebody types."""
    return {"as": "text", "name": name, "at": at, "missing": missing}


def pick(
    name: str, at: str, source: str, missing: str, *, none: str | None = None, typed: bool = False, icon: str = "",
    empty: str | None = None,
) -> Token:  # fmt: skip
    """One of a source by its name; `none` says what no choice means, and `empty` how that is written."""
    more = {"none": none} if none is not None else {}
    more |= {"empty": empty} if empty is not None else {}
    more |= {"icon": icon} if icon else {}
    return {"as": "pick", "name": name, "at": at, "source": source, "missing": missing, "typed": typed} | more


def field(name: str, at: str, fields: Fields, when: dict[str, Any] | None = None) -> Token:
    """The name of an attribute or property."""
    return {"as": "field", "name": name, "at": at, "fields": fields, "missing": _("Choose a property.")} | _when(when)


def question(fields: Fields) -> Token:
    """The comparison and value of the members `field`, `op` and `value`."""
    return {"as": "question", "name": _("Comparison"), "fields": fields}


def window(at: str = "within") -> Token:
    """When."""
    return {"as": "window", "name": _("When"), "at": at}


def period(name: str, at: str, label: str, missing: str, *, none: str | None = None) -> Token:
    """A length of time; `label` holds {period}."""
    told = {"as": "period", "name": name, "at": at, "label": label, "missing": missing}
    return told | ({"none": none} if none is not None else {})


def where(at: str = "where", fields: Fields = OF_EVENT) -> Token:
    """Property filters, one per line."""
    return {"as": "where", "name": _("Properties"), "at": at, "fields": fields}


def lines(
    name: str, at: str, first: Sequence[Token], more: Sequence[Token], *, fresh: dict[str, Any], add: str, least: int,
    missing: str,
) -> Token:  # fmt: skip
    """Parts in an order, each a sentence of its own; the first has other tokens."""
    told = {"as": "lines", "name": name, "at": at, "first": list(first), "next": list(more), "fresh": fresh}
    return told | {"add": add, "least": least, "missing": missing}


def counted(when: dict[str, Any] | None = None) -> Token:
    """How many times, where `count` is asked."""
    return number(_("How many times"), "count.n", 0, 1_000_000, one=_("1 time"), many=_("{n} times"), when=when)


def times(*drop: str) -> list[dict[str, Any]]:
    """Answers to "how often" that set `did` and `count`, and drop what does not go with them."""
    did = [option(str(label), {"did": True, "count.op": op}, drop=drop) for op, label in COUNT_LABELS.items()]
    not_so = [
        option(_("not %s") % label, {"did": False, "count.op": op}, drop=drop, hidden=True)
        for op, label in COUNT_LABELS.items()
    ]
    return [*did, option(_("not at all"), NEVER, drop=drop), *not_so]


def _when(when: dict[str, Any] | None) -> dict[str, Any]:
    return {"when": when} if when else {}
