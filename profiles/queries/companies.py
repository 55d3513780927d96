"""Companies: all of them, one with its people, those of one person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from profiles.forms.attribute import as_text, type_of
from profiles.models import Account, AccountMember, Profile
from profiles.queries.event_words import flat

CALLED: Final = Coalesce(NullIf(KeyTextTransform("name", "attributes"), Value("")), F("key"))
SORTS: Final[Mapping[str, tuple[str | Promise, tuple[Any, ...]]]] = {
    "-size": (_("Most people first"), ("-size", "-pk")),
    "name": (
        _("By name"),
        (Lower(Coalesce(NullIf(KeyTextTransform("name", "attributes"), Value("")), F("key"))), "pk"),
    ),
    "-created": (_("Newest first"), ("-pk",)),
    "-updated": (_("Changed last first"), ("-updated_at", "-pk")),
}


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """One attribute; `inside` are the parts of a nested value, which is not edited. `asked`: a segment can ask for
    companies like this one.
    """

    name: str
    text: str
    type: str
    inside: Sequence[tuple[str, str]]
    asked: bool


def found(search: str = "") -> QuerySet[Account]:
    """Companies whose name or key contains each word, with `size`: how many people belong to each."""
    people = AccountMember.objects.filter(account=OuterRef("pk")).order_by().values("account")
    size = Coalesce(Subquery(people.annotate(n=Count("pk")).values("n")), 0)
    companies = Account.objects.annotate(size=size)
    for word in search.split():
        companies = companies.filter(Q(key__icontains=word) | Q(attributes__name__icontains=word))
    return companies


def companies(search: str, sort: str) -> QuerySet[Account]:
    """The same, sorted."""
    return found(search).order_by(*SORTS[sort][1])


def people(company: Account, search: str) -> QuerySet[AccountMember]:
    """Who belongs to it, who came last first."""
    members = AccountMember.objects.filter(account=company).select_related("profile").order_by("-since", "-pk")
    for word in search.split():
        named = [f"profile__attributes__{name}__icontains" for name in ("name", "first_name", "last_name", "email")]
        asked = Q()
        for name in named:
            asked |= Q(**{name: word})
        members = members.filter(asked)
    return members


def attributes(company: Account) -> list[CompanyRow]:
    """By name."""
    return [
        CompanyRow(
            name=name,
            text=as_text(value),
            type=type_of(value),
            inside=tuple(flat(value)) if isinstance(value, dict) else (),
            asked=alike(company, name) is not None,
        )
        for name, value in sorted(company.attributes.items())
    ]


def alike(company: Account, name: str) -> dict[str, Any] | None:
    """The condition of people at companies that have the same there; None where nothing asks for it."""
    match company.attributes.get(name):
        case bool() as yes:
            asked: dict[str, Any] = {"op": "is_true" if yes else "is_false"}
        case str() | int() | float() as value if value != "":
            asked = {"op": "eq", "value": value}
        case [_, *_] as listed if all(isinstance(one, str) for one in listed):
            asked = {"op": "includes_any", "value": listed}
        case _:
            return None
    return {"type": "all", "of": [{"type": "account", "field": name, **asked}]}


def of(profile: Profile) -> Sequence[AccountMember]:
    """The companies somebody belongs to."""
    return list(AccountMember.objects.filter(profile=profile).select_related("account").order_by("-since", "pk"))
