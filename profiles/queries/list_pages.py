"""Lists of people, and who is on one, in pages that stay quick however long it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from omnichannel.shared import sql
from profiles.models import ListEntry, PeopleList

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "lists.sql")
PAGE: Final = 50
END: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Some people on a list, those added last first; `before` is where earlier ones start, None at the end."""

    entries: Sequence[ListEntry]
    before: int | None


def listed(search: str = "") -> list[tuple[PeopleList, int]]:
    """The lists and how many are on each."""
    found = PeopleList.objects.select_related("created_by")
    chosen = list(found.filter(name__icontains=search) if search else found)
    sizes = dict(_rows("sizes", {"lists": [one.pk for one in chosen]}))
    return [(one, sizes.get(one.pk, 0)) for one in chosen]


def sized(search: str = "") -> QuerySet[PeopleList]:
    """The same with `size`, for whoever takes them page by page."""
    entries = ListEntry.objects.filter(list=OuterRef("pk")).order_by().values("list")
    size = Coalesce(Subquery(entries.annotate(n=Count("pk")).values("n")), 0)
    return PeopleList.objects.filter(name__icontains=search).annotate(size=size)


def size(people: PeopleList) -> int:
    """How many are on it."""
    return dict(_rows("sizes", {"lists": [people.pk]})).get(people.pk, 0)


def entries(people: PeopleList, search: str = "", before: int | None = None) -> EntryPage:
    """One page of who is on it; `search` looks at names, e-mails and phones."""
    words = [f"%{sql.escaped(word)}%" for word in search.lower().split()]
    bound = {"list": people.pk, "words": words or None, "before": before or END, "limit": PAGE + 1}
    ids = [row[0] for row in _rows("entries", bound)]
    shown = ListEntry.objects.filter(pk__in=ids[:PAGE]).select_related("profile").order_by("-pk")
    return EntryPage(list(shown), ids[PAGE - 1] if len(ids) > PAGE else None)


def _rows(statement: str, bound: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(SQL[statement], bound)
        return list(cursor.fetchall())
