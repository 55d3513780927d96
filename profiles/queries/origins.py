"""Where a value came from, in words: "user:3" is a colleague by name, "journey:5" a journey, "identify" the shop."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from omnichannel.accounts.models import User

Names = Callable[[Collection[int]], Mapping[int, str]]

PLAIN: Final[Mapping[str, str | Promise]] = {
    "identify": gettext_lazy("from the shop or app"),
    "track": gettext_lazy("from the shop or app"),
    "page": gettext_lazy("from the shop or app"),
    "screen": gettext_lazy("from the shop or app"),
    "group": gettext_lazy("from the shop or app"),
    "alias": gettext_lazy("from the shop or app"),
    "api": gettext_lazy("by the API"),
    "import": gettext_lazy("from an upload"),
    "merge": gettext_lazy("joined from another profile"),
    "unmerge": gettext_lazy("given back when profiles were parted"),
    "journey": gettext_lazy("by a journey"),
    "job": gettext_lazy("by a change of many people at once"),
    "user": gettext_lazy("by a colleague who has left"),
    "preference page": gettext_lazy("on the preference page"),
}
_named: dict[str, tuple[Names, str | Promise]] = {}


def register(prefix: str, names: Names, words: str | Promise) -> None:
    """`names` gives the names of things of this prefix, in one statement; `words` has a place for %(name)s."""
    _named[prefix] = (names, words)


def in_words(sources: Collection[str]) -> dict[str, str]:
    """Each source as people say it; at most one statement for each kind of source."""
    wanted: dict[str, dict[str, int]] = {}
    for source in sources:
        prefix, colon, number = source.partition(":")
        if colon and prefix in _named and number.isdecimal():
            wanted.setdefault(prefix, {})[source] = int(number)
    found = {source: _plain(source) for source in sources}
    for prefix, numbers in wanted.items():
        names, words = _named[prefix]
        known = names(set(numbers.values()))
        found |= {source: str(words) % {"name": known[n]} for source, n in numbers.items() if n in known}
    return found


def colleagues(ids: Collection[int]) -> dict[int, str]:
    """Names of who logs in."""
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)}


def _plain(source: str) -> str:
    if source in PLAIN:
        return str(PLAIN[source])
    prefix, colon, _number = source.partition(":")
    return str(PLAIN[prefix]) if colon and prefix in PLAIN else source


register("user", colleagues, gettext_lazy("by %(name)s"))
