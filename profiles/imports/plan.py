"""What is to be done with a file: which column becomes what, who a row is about, what happens to people who exist."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.imports.values import TYPES
from profiles.ingest.attributes import MAX_NAME, snake
from profiles.models import Topic

KEYS: Final[dict[str, str | Promise]] = {
    "user_id": gettext_lazy("User id"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "anonymous_id": gettext_lazy("Anonymous id"),
}
KNOWN: Final[dict[str, str | Promise]] = {
    "first_name": gettext_lazy("First name"),
    "last_name": gettext_lazy("Last name"),
    "name": gettext_lazy("Full name"),
    "timezone": gettext_lazy("Time zone"),
    "language": gettext_lazy("Language"),
    "country": gettext_lazy("Country"),
    "city": gettext_lazy("City"),
}
EXISTING: Final[dict[str, str | Promise]] = {
    "update": gettext_lazy("Update them: what the file says counts"),
    "fill": gettext_lazy("Only fill in what is empty"),
    "skip": gettext_lazy("Leave them as they are"),
}


GONE: Final = gettext_lazy("The file was kept for a week and is gone. Upload it again.")


class Column(msgspec.Struct):
    """One column. `to`: a key, "attribute" (under `attribute`, as `type`), "consent" (to `topic`) or "ignore"."""

    name: str
    to: str = "ignore"
    attribute: str = ""
    type: str = "text"
    topic: str = ""

    @property
    def target(self) -> tuple[str, str]:
        """What two columns cannot both become."""
        return self.to, snake(self.attribute) if self.to == "attribute" else self.topic


class Plan(msgspec.Struct):
    """The whole. `keys` are the identifiers a person is recognised by."""

    columns: list[Column]
    keys: list[str] = []
    existing: Literal["update", "fill", "skip"] = "update"
    topic: str = ""
    list_id: int | None = msgspec.field(default=None, name="list")
    new_list: str = ""
    quiet: bool = False  # people are changed, but no journey begins by it

    def key_columns(self) -> dict[str, int]:
        """Where the identifiers stand that people are recognised by."""
        return {one.to: place for place, one in enumerate(self.columns) if one.to in self.keys}


def problems(plan: Plan) -> list[str]:
    """What has to be settled before anything can be brought in."""
    mapped = {one.to for one in plan.columns}
    found = []
    if not mapped & KEYS.keys():
        found.append(_("One column has to say who the row is about: a user id, an e-mail, a phone or an anonymous id."))
    elif not plan.key_columns():
        found.append(_("Choose what a person is recognised by."))
    found += [
        _("No column holds what people are recognised by: %(key)s.") % {"key": KEYS.get(key, key)}
        for key in plan.keys
        if key not in mapped
    ]
    for target, often in Counter(one.target for one in plan.columns if one.to != "ignore").items():
        if often > 1:
            names = ", ".join(f"“{one.name}”" for one in plan.columns if one.target == target)
            found.append(_("These columns would become the same: %(names)s.") % {"names": names})
    topics = set(Topic.objects.values_list("slug", flat=True))
    for one in plan.columns:
        found += [_("“%(name)s”: %(problem)s") % {"name": one.name, "problem": text} for text in _problems(one, topics)]
    if plan.topic and plan.topic not in topics:
        found.append(_("The topic to subscribe people to is gone."))
    return found


def _problems(column: Column, topics: set[str]) -> Sequence[str]:
    match column.to:
        case "attribute":
            name = snake(column.attribute)
            if not name or len(name) > MAX_NAME:
                return [_("Give the attribute a name of letters and digits.")]
            if name in ("email", "phone"):
                return [_("Choose “%(kind)s” instead of an attribute of that name.") % {"kind": KEYS[name]}]
            return [] if column.type in TYPES else [_("Choose a type.")]
        case "consent":
            return [] if column.topic in topics else [_("Choose a topic.")]
    return [] if column.to == "ignore" or column.to in KEYS else [_("Choose what this column becomes.")]


def read(data: Any) -> Plan:
    """A plan out of JSON. ValueError says what is wrong."""
    try:
        return msgspec.convert(data, Plan)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
