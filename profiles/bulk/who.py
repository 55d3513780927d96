"""Whom long work is about: everybody, a segment, a list, whoever a search finds, or people chosen one by one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from profiles.models import PeopleList, Profile, Segment
from profiles.queries import people
from profiles.queries.people_filters import OPERATORS, WITHOUT_VALUE, PeopleFilters

CHOSEN_AT_MOST: Final = 5_000
READ: Final = 20_000
ANY: Final = 1 << 31  # a search that is not for a page finds everybody


class WhoError(ValueError):
    """Whom it is about cannot be told any more; the text says why."""


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everybody must be said; else all that is given narrows it down. `attribute` is (name, operator, value)."""

    everybody: bool = False
    segment: int | None = None
    list: int | None = None
    search: str = ""
    attribute: tuple[str, str, str] | None = None
    ids: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        narrowed = self.segment is not None or self.list is not None or self.attribute is not None or self.search
        if sum((self.everybody, bool(narrowed), self.ids is not None)) != 1:
            raise ValueError(_("Say who: everybody, or a segment, list, search, attribute, or ids."))
        if self.ids is not None and not 0 < len(self.ids) <= CHOSEN_AT_MOST:
            raise ValueError(_("Choose between 1 and %(n)s people.") % {"n": f"{CHOSEN_AT_MOST:,}"})
        if self.attribute is not None and self.attribute[1] not in OPERATORS:
            raise ValueError(_("Compare an attribute with one of %s.") % ", ".join(OPERATORS))


def read(given: Any) -> Who:
    """From JSON. WhoError: it names nobody."""
    try:
        return msgspec.convert(given, Who)
    except msgspec.ValidationError as error:
        raise WhoError(str(error).partition(" - at ")[0]) from error


def dump(who: Who) -> dict[str, Any]:
    """As JSON."""
    found: dict[str, Any] = msgspec.to_builtins(who)
    return found


def of_address(address: QueryDict) -> Who:
    """From the address of the list of people, and the boxes that were ticked in it."""
    given = {name: str(value).replace("\0", "").strip() for name, value in address.items()}
    ids = [int(one) for one in address.getlist("ids") if _is_id(one)]
    if ids:
        return read({"ids": ids[:CHOSEN_AT_MOST]})
    found: dict[str, Any] = {}
    for name in ("segment", "list"):
        if given.get(name):
            if not _is_id(given[name]):
                raise WhoError(_("There is no such segment or list."))
            found[name] = int(given[name])
    name, op, value = given.get("attribute", "")[:100], given.get("op", "eq"), given.get("value", "")[:200]
    if name and op in OPERATORS and (value or op in WITHOUT_VALUE):
        found["attribute"] = [name, op, value]
    if given.get("q"):
        found["search"] = given["q"][:200]
    return read(found or {"everybody": True})


def address(who: Who) -> str:
    """Where the list of people shows them; empty for people chosen one by one."""
    if who.ids is not None:
        return ""
    query = QueryDict(mutable=True)
    given = {"segment": who.segment, "list": who.list, "q": who.search}
    query.update({name: str(value) for name, value in given.items() if value})
    if who.attribute:
        query.update(dict(zip(("attribute", "op", "value"), who.attribute, strict=True)))
    return query.urlencode()


def words(who: Who) -> str:
    """A name for them: "Big spenders", "3 people", "Everybody"."""
    if who.ids is not None:
        return ngettext("%(n)s chosen person", "%(n)s chosen people", len(who.ids)) % {"n": len(who.ids)}
    found = filters(who)
    parts = [one.name for one in (found.segment, found.list) if one]
    if who.attribute:
        parts.append(f"{who.attribute[0]} {found.attribute_words} {who.attribute[2]}".strip())
    if who.search:
        parts.append(_("“%s”") % who.search)
    return ", ".join(parts) or _("Everybody")


def filters(who: Who) -> PeopleFilters:
    """As the list of people is narrowed. WhoError where the segment or list is gone or not ready."""
    segment = Segment.objects.filter(pk=who.segment).first() if who.segment is not None else None
    people_list = PeopleList.objects.filter(pk=who.list).first() if who.list is not None else None
    if who.segment is not None and segment is None:
        raise WhoError(_("This segment was deleted."))
    if who.list is not None and people_list is None:
        raise WhoError(_("This list was deleted."))
    if segment and segment.state == Segment.State.BUILDING:
        raise WhoError(_("Who is in “%s” is just being found. Try again when that is done.") % segment.name)
    return PeopleFilters(who.search, segment, people_list, who.attribute)


def found(who: Who, now: datetime) -> QuerySet[Profile]:
    """Those people, as of now."""
    if who.ids is not None:
        return Profile.objects.filter(pk__in=set(people.survivors(who.ids).values()))
    narrowed = filters(who)
    rows = Profile.objects.filter(merged_into=None)
    if narrowed.text:
        ids = people.search(narrowed.text, segment=who.segment, limit=ANY)
        rows = rows.filter(pk__in=ids)
    return narrowed.apply(rows, now)


def ids(who: Who, now: datetime) -> Iterator[int]:
    """Their ids, ascending, read piece by piece."""
    return found(who, now).order_by("pk").values_list("pk", flat=True).iterator(READ)


def count(who: Who, now: datetime) -> int:
    """How many they are."""
    return found(who, now).count()


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
