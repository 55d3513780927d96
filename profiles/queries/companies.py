"""Companies: all of them, one with its people, those of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from profiles.forms.attribute import as_text
from profiles.models import Account, AccountMember, Profile
from profiles.queries.event_words import flat

AT_ONCE: Final = 25


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next ones start (empty at the end)."""

    rows: Sequence[Any]
    before: str = ""


def _page(found: QuerySet[Any], before: str) -> Page:
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-pk")[: AT_ONCE + 1])
    return Page(rows[:AT_ONCE], str(rows[AT_ONCE - 1].pk) if len(rows) > AT_ONCE else "")


def companies(search: str, before: str) -> Page:
    """The latest first, with how many people belong to each."""
    found = Account.objects.annotate(size=Count("members"))
    if search:
        found = found.filter(Q(key__icontains=search) | Q(attributes__name__icontains=search))
    return _page(found, before)


def people(company: Account, before: str) -> Page:
    """Who belongs to it, the latest first."""
    return _page(AccountMember.objects.filter(account=company).select_related("profile"), before)


def attributes(company: Account) -> list[tuple[str, Any]]:
    """By name, nested ones part by part."""
    return [
        row
        for name, value in sorted(company.attributes.items())
        for row in (flat(value, f"{name}.") if isinstance(value, dict) else [(name, as_text(value))])
    ]


def of(profile: Profile) -> Sequence[AccountMember]:
    """The companies somebody belongs to."""
    return list(AccountMember.objects.filter(profile=profile).select_related("account").order_by("-since", "pk"))
