"""Where journeys name other things by number, and by what name others know them: for documents that travel."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model

from journeys.models import Journey, Template
from journeys.registry import node_kinds
from omnichannel.accounts.models import User
from profiles.models import PeopleList, Segment, Topic

Reference = tuple[str, Any]  # kind and id, or kind and name


@dataclass(frozen=True, slots=True)
class Named:
    """Rows of a model by the field that names them."""

    model: type[Model]
    field: str = "name"


KINDS: Final[Mapping[str, Named]] = {
    "topic": Named(Topic, "slug"),
    "list": Named(PeopleList),
    "template": Named(Template),
    "segment": Named(Segment),
    "journey": Named(Journey),
    "colleague": Named(User, "email"),
}
# What conditions and rules for leaving name; topics they name by slug.
IN_TREES: Final = ("list", "template", "segment", "journey")


def fields_of(kind: str) -> dict[str, str]:
    """The settings of a kind of step that name another thing: field → kind of thing."""
    cls = node_kinds().get(kind)
    found = {}
    for field in cls._meta.local_fields if cls else ():
        model = field.related_model
        for what, named in KINDS.items():
            if model is named.model and not field.primary_key:
                found[field.name] = what
    return found


def replaced(value: Any, swap: Callable[[str, Any], Any]) -> Any:
    """A tree of conditions or rules with everything named in it swapped, `swap(kind, id or name)`."""
    if isinstance(value, list):
        return [replaced(item, swap) for item in value]
    if not isinstance(value, dict):
        return value
    told = "type" in value or "on" in value
    return {
        key: swap(key, item) if told and key in IN_TREES and item is not None else replaced(item, swap)
        for key, item in value.items()
    }


def configured(kind: str, config: Mapping[str, Any], swap: Callable[[str, Any], Any]) -> dict[str, Any]:
    """The same for the settings of a step."""
    fields = fields_of(kind)
    return {
        name: (swap(fields[name], value) if value is not None else None) if name in fields else replaced(value, swap)
        for name, value in config.items()
    }


def named_in(values: Iterable[Any]) -> Iterator[Reference]:
    """Everything that these trees name."""
    found: list[Reference] = []
    for value in values:
        replaced(value, lambda kind, item: found.append((kind, item)))
    yield from found


def names(wanted: Iterable[Reference]) -> dict[Reference, str]:
    """What rows are called, one statement for each kind."""
    by_kind: dict[str, set[Any]] = {}
    for kind, ident in wanted:
        by_kind.setdefault(kind, set()).add(ident)
    return {
        (kind, pk): name
        for kind, idents in by_kind.items()
        for pk, name in KINDS[kind].model._default_manager.filter(pk__in=idents).values_list("pk", KINDS[kind].field)
    }
