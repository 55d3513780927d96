"""One person on one page: who they are today, what names them, where they belong, what they bought."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from omnichannel.shared import slots, sql
from omnichannel.shared.slots import Window
from profiles.models import Identity, ListEntry, Membership, Note, PeopleList, Profile

SQL = sql.load(Path(__file__).parent.parent / "sql" / "person.sql")

ORDERS: Final = 5  # at a time
NOTES: Final = 3  # on the card; all are in the timeline
IDENTITY_WORDS: Final[Mapping[str, str | Promise]] = {
    "user_id": gettext_lazy("User id"),
    "anonymous_id": gettext_lazy("Visitor id"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "device_token": gettext_lazy("Device"),
    "chat_id": gettext_lazy("Chat"),
}


@dataclass(frozen=True, slots=True)
class Product:
    """One line of an order."""

    name: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Order:
    """One order, as its event tells it."""

    at: datetime
    number: str
    products: Sequence[Product]
    total: Decimal | None
    currency: str


def resolve(pk: int) -> tuple[Profile | None, int | None]:
    """The profile, or, where it was merged, the id of who it is today."""
    profile = Profile.objects.filter(pk=pk).first()
    if profile is None:
        return None, None
    return profile, profile.merged_into_id


def identities(profile: Profile) -> Sequence[Identity]:
    """What names this person, the oldest first."""
    return list(profile.identities.order_by("created_at", "pk"))


def memberships(profile: Profile) -> QuerySet[Membership]:
    """The segments this person is in, the latest first."""
    return Membership.objects.filter(profile=profile).select_related("segment").order_by("-since", "segment__name")


def notes(profile: Profile) -> Sequence[Note]:
    """The latest notes, one more than the card shows."""
    return list(Note.objects.filter(profile=profile).select_related("by").order_by("-at", "-pk")[: NOTES + 1])


def lists(profile: Profile) -> Sequence[ListEntry]:
    """The lists this person is on."""
    return list(ListEntry.objects.filter(profile=profile).select_related("list").order_by("list__name"))


def other_lists(entries: Sequence[ListEntry]) -> QuerySet[PeopleList]:
    """The lists this person is not on."""
    return PeopleList.objects.exclude(pk__in=[one.list_id for one in entries])


def orders(profile: Profile, currency: str, before: str = "") -> tuple[Sequence[Order], str]:
    """Some orders, the latest first, and where earlier ones start; `currency` is that of orders which name none."""
    at, _sign, last = before.partition("~")
    window = Window(ORDERS + 1, at=_moment(at), key=slots.key("o", int(last)) if last.isdecimal() else "")
    with connection.cursor() as cursor:
        cursor.execute(SQL["orders"], {"profile": profile.pk, **window.bound("o")})
        rows = cursor.fetchall()
    more = f"{rows[ORDERS - 1][1].isoformat()}~{rows[ORDERS - 1][0]}" if len(rows) > ORDERS else ""
    return [_order(at, told, currency) for _pk, at, told in rows[:ORDERS]], more


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _order(at: datetime, properties: Any, currency: str) -> Order:
    told: dict[str, Any] = json.loads(properties) if isinstance(properties, str) else properties
    listed = told.get("products")
    products = [_product(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    total = told.get("total", told.get("revenue"))
    known = isinstance(total, int | float) and not isinstance(total, bool)
    return Order(
        at,
        str(told.get("order_id") or ""),
        products,
        Decimal(str(total)) if known else None,
        str(told.get("currency") or currency).upper(),
    )


def _product(told: Mapping[str, Any]) -> Product:
    name = told.get("name") or told.get("sku") or told.get("product_id") or ""
    quantity = told.get("quantity")
    return Product(str(name), str(quantity) if quantity not in (None, 1) else "")
