"""The columns of an export: what there is to choose, what they are called, where their values come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from profiles.ingest.attributes import MAX_NAME
from profiles.models import Consent, Identity, PeopleList, Segment, Topic
from profiles.queries.identity import word
from profiles.queries.schema_suggestions import attributes
from profiles.segments.filters import label as as_words

MOST: Final = 300
PLAIN: Final = ("id", "first_seen", "last_seen")
NUMBERED: Final = ("segment", "list")
KNOWN: Final = ("user_id", "email", "phone", "chat_id", "device_token", "anonymous_id")
USUAL: Final = 20  # attributes that are ticked at first


class ColumnError(ValueError):
    """A column that cannot be; the text is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Column:
    """`group` is one of `id first_seen last_seen attribute identity consent segment list`; `what` says which one:
    a path of an attribute, a kind, "topic" or "topic:channel", the id of a segment or list. `header` is its title in
    the file.
    """

    group: str
    what: str
    header: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One box of the form."""

    key: str
    label: str
    ticked: bool = False


def read(keys: Sequence[str]) -> list[Column]:
    """`id`, `attribute:plan`, `identity:phone`, `consent:news`, `consent:news:email`, `segment:5`, `list:2` …"""
    if not keys:
        raise ColumnError(_("Choose at least one column."))
    if len(keys) > MOST:
        raise ColumnError(_("Choose at most %(n)s columns.") % {"n": MOST})
    pairs = [key.partition(":")[::2] for key in dict.fromkeys(keys)]
    names = _names(pairs)
    found: list[Column] = []
    taken: set[str] = set()
    for group, what in pairs:
        header = names.get((group, what))
        if header is None:
            raise ColumnError(_("There is no column “%s”.") % f"{group}:{what}".rstrip(":"))
        for n in range(2, MOST):
            if header not in taken:
                break
            header = f"{names[group, what]} ({n})"
        taken.add(header)
        found.append(Column(group, what, header))
    return found


def _names(pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What the columns are called; those that cannot be are left out. A constant number of statements."""
    asked = {group: [what for one, what in pairs if one == group] for group in {group for group, _what in pairs}}
    names = {(one, ""): one for one in PLAIN}
    for what in asked.get("attribute", ()):
        if 0 < len(what) <= MAX_NAME and "\0" not in what:
            names["attribute", what] = what
    for what in asked.get("identity", ()):
        if 0 < len(what) <= MAX_NAME and "\0" not in what:
            names["identity", what] = what if what == "user_id" else f"identity:{what}"
    topics = set(Topic.objects.values_list("slug", flat=True)) if "consent" in asked else set()
    for what in asked.get("consent", ()):
        if what.partition(":")[0] in topics:
            names["consent", what] = f"consent:{what}"
    for group, model in (("segment", Segment), ("list", PeopleList)):
        ids = [int(what) for what in asked.get(group, ()) if what.isascii() and what.isdecimal() and len(what) < 19]
        for pk, name in model._default_manager.filter(pk__in=ids).values_list("pk", "name"):
            names[group, str(pk)] = f"{group}:{name}"
    return names


def offered(segment: int | None = None) -> list[tuple[str, list[Choice]]]:
    """What the form shows, in groups; `segment` is ticked, since it says who."""
    tops = [(one["name"], one["count"] > 0) for one in attributes() if "." not in one["name"]]
    nested = [one["name"] for one in attributes() if "." in one["name"]]
    kinds = [*KNOWN, *sorted(set(Identity.objects.values_list("kind", flat=True).distinct()) - set(KNOWN))]
    return [
        (
            _("Person"),
            [
                Choice("id", _("Number here"), True),
                Choice("first_seen", _("First seen"), True),
                Choice("last_seen", _("Last seen"), True),
            ],
        ),
        (
            _("Attributes"),
            [Choice(f"attribute:{one}", as_words(one), known and n < USUAL) for n, (one, known) in enumerate(tops)]
            + [Choice(f"attribute:{one}", as_words(one)) for one in nested],
        ),
        (_("Identities"), [Choice(f"identity:{one}", word(one), one == "user_id") for one in kinds]),
        (_("Answers to topics"), _topics()),
        (
            _("In a segment since"),
            [Choice(f"segment:{pk}", name, pk == segment) for pk, name in Segment.objects.values_list("pk", "name")],
        ),
        (
            _("On a list since"),
            [Choice(f"list:{pk}", name) for pk, name in PeopleList.objects.values_list("pk", "name")],
        ),
    ]


def _topics() -> list[Choice]:
    """Answers for all channels, and for single ones where anybody gave such."""
    found: list[Choice] = []
    single = sorted(Consent.objects.exclude(channel="").values_list("topic", "channel").distinct())
    for topic in Topic.objects.filter(transactional=False):
        found.append(Choice(f"consent:{topic.slug}", topic.name))
        for pk, channel in single:
            if pk == topic.pk:
                label = _("%(topic)s by %(channel)s") % {"topic": topic.name, "channel": channel}
                found.append(Choice(f"consent:{topic.slug}:{channel}", label))
    return found


def dump(columns: Sequence[Column]) -> list[dict[str, str]]:
    """As JSON, so that a job keeps its headers whatever is renamed."""
    return [{"group": one.group, "what": one.what, "header": one.header} for one in columns]


def load(given: Sequence[Mapping[str, Any]]) -> list[Column]:
    """From JSON."""
    return [Column(one["group"], one["what"], one["header"]) for one in given]
