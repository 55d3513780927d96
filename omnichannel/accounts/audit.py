"""What was changed by whom: which models are followed, and their log in plain words."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from auditlog.context import auditlog_value
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import JSONField, Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

HIDDEN: Final = "•••"
LONGEST: Final = 120
# What is done with a thing without changing it.
DONE = {
    "started": _lazy("started: %(title)s"),
    "downloaded": _lazy("downloaded “%(name)s”"),
    "moved": _lazy("moved people by hand to “%(to)s” in “%(name)s”"),
    "released": _lazy("let people go on by hand in “%(name)s”"),
    "removed": _lazy("took people out of “%(name)s” by hand"),
    "renewed": _lazy("renewed the key that signs webhooks"),
}
Changes = Mapping[str, tuple[str, str]]  # field: before, after


@dataclass(frozen=True)
class Words:
    """How changes of a model are told. `called`: the kind of thing. `fields`: their names. `named`: what the numbers of
    a field stand for, asked once a page. `says`: the sentence for what was done ("created", "changed", "deleted") where
    there is a better one than the rule makes.
    """

    called: str | Promise = ""
    fields: Mapping[str, str | Promise] | None = None
    named: Mapping[str, Callable[[set[str]], Mapping[str, str]]] | None = None
    says: Callable[[str, Changes], str | None] = lambda _done, _changes: None


WORDS: Final[dict[type[Model], Words]] = {}


def track(
    *models: type[Model],
    ignore: Sequence[str] = (),
    secret: Sequence[str] = (),
    many: Iterable[str] = (),
    words: Words | None = None,
) -> None:
    """Follow changes of these models. Call it in `apps.ready`.

    `ignore`: fields that change by themselves (counts, times). `secret`: fields of which only the fact of a change is
    kept. `many`: many-to-many fields to follow.
    """
    for model in models:
        WORDS[model] = words or Words()
        auditlog.register(
            model,
            exclude_fields=[name for name in ignore if _has(model, name)],
            mask_fields=[name for name in secret if _has(model, name)],
            mask_callable="omnichannel.accounts.audit.masked",
            m2m_fields=set(many),
        )


def _has(model: type[Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


def note(done: str, thing: Model, by: Model | None, details: Mapping[str, str], **facts: str) -> None:
    """Write down that somebody did one of `DONE` with a thing; `facts` stand in its sentence."""
    changes = {name: ["", value] for name, value in details.items()}
    data = {"done": done, **facts}
    LogEntry.objects.log_create(
        thing, force_log=True, action=LogEntry.Action.ACCESS, changes=changes, additional_data=data, actor=by
    )


def acting(who: Model | None) -> None:
    """The changes of this request are theirs: who asks by a key is known later than who is signed in."""
    if (request := auditlog_value.get(None)) is not None:
        request["actor"] = who


def last_changed_by(thing: Model) -> str:
    """Who changed this last; empty where nobody is known to have."""
    row = LogEntry.objects.get_for_object(thing).exclude(action=LogEntry.Action.ACCESS).order_by("-timestamp").first()
    return str(row.actor) if row and row.actor else ""


def masked(value: str) -> str:
    """What is kept of a secret: nothing."""
    return HIDDEN if value and value != "None" else ""


@dataclass(frozen=True)
class Entry:
    """One line of the audit page."""

    at: datetime
    who: str
    what: str
    details: tuple[tuple[str, str, str], ...]  # field, before, after
    changed: bool  # what stands in the details was different before


def entries(log: Iterable[LogEntry]) -> Iterator[Entry]:
    """Log entries in words."""
    rows = list(log)
    names = _names(rows)
    for row in rows:
        changes = _changes(row, names)
        sentence = _special(row, changes)
        details = () if sentence else tuple(_details(row, changes))
        changed = row.action == LogEntry.Action.UPDATE
        yield Entry(row.timestamp, _who(row), sentence or _sentence(row), details, changed)


def filtered(who: str = "", thing: str = "", since: Any = None, until: Any = None) -> "QuerySet[LogEntry]":
    """The log, newest first, by person, kind of thing and day."""
    log = LogEntry.objects.select_related("actor", "content_type").order_by("-timestamp", "-id")
    if who:
        log = log.filter(actor_id=who)
    if thing:
        log = log.filter(content_type_id=thing)
    if since:
        log = log.filter(timestamp__date__gte=since)
    if until:
        log = log.filter(timestamp__date__lte=until)
    return log


def called(kind: ContentType) -> str:
    """The kind of thing in words: "journey", "API key"."""
    model = kind.model_class()
    return str(_words(model).called or model._meta.verbose_name) if model else kind.model


def _words(model: type[Model] | None) -> Words:
    return WORDS.get(model, Words()) if model else Words()


def _who(row: LogEntry) -> str:
    return str(row.actor) if row.actor else _("The system")


def _names(rows: Iterable[LogEntry]) -> dict[tuple[int, str], Mapping[str, str]]:
    """What numbers stand for, by kind of thing and field."""
    asked: dict[tuple[int, str], set[str]] = {}
    for row in rows:
        for field in _words(row.content_type.model_class()).named or {}:
            change = (row.changes or {}).get(field)
            if isinstance(change, list):
                asked.setdefault((row.content_type_id, field), set()).update(str(one) for one in change)
    kinds = {row.content_type_id: _words(row.content_type.model_class()).named or {} for row in rows}
    return {(kind, field): kinds[kind][field](values - {"None", ""}) for (kind, field), values in asked.items()}


def _changes(row: LogEntry, names: Mapping[tuple[int, str], Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    """Before and after of each field, as people read them."""
    found = {}
    for field, change in (row.changes or {}).items():
        if isinstance(change, dict):  # many-to-many: what was added or taken away
            listed = ", ".join(change.get("objects", []))
            found[field] = ("", listed) if change.get("operation") == "add" else (listed, "")
        else:
            known = {"None": "", "True": _("yes"), "False": _("no"), **_choices(row, field)}
            known |= names.get((row.content_type_id, field), {})
            before, after = (known.get(str(one), str(one)) for one in change)
            found[field] = (before, after)
    return found


def _choices(row: LogEntry, name: str) -> dict[str, str]:
    model = row.content_type.model_class()
    field = model._meta.get_field(name) if model and _has(model, name) else None
    return {str(value): str(label) for value, label in getattr(field, "flatchoices", ())}


def _facts(row: LogEntry) -> dict[str, str]:
    """For the sentences: the name stands in quotes, so its own are single ones."""
    name = row.object_repr.replace("“", "‘").replace("”", "’")
    return {"thing": called(row.content_type), "name": name, "title": row.object_repr, **(row.additional_data or {})}


def _special(row: LogEntry, changes: Changes) -> str:
    done = {LogEntry.Action.CREATE: "created", LogEntry.Action.UPDATE: "changed", LogEntry.Action.DELETE: "deleted"}
    says = _words(row.content_type.model_class()).says
    sentence = says(done[row.action], changes) if row.action in done else None
    return str(sentence) % _facts(row) if sentence else ""


def _sentence(row: LogEntry) -> str:
    facts = _facts(row)
    if row.action == LogEntry.Action.CREATE:
        return _("created %(thing)s “%(name)s”") % facts
    if row.action == LogEntry.Action.DELETE:
        return _("deleted %(thing)s “%(name)s”") % facts
    if row.action == LogEntry.Action.ACCESS:
        return str(DONE[row.additional_data["done"]]) % facts
    facts["fields"] = ", ".join(_field(row, name) for name in row.changes or {})
    return _("changed %(fields)s of %(thing)s “%(name)s”") % facts


def _field(row: LogEntry, name: str) -> str:
    if name == "groups":
        return _("role")
    model = row.content_type.model_class()
    if named := (_words(model).fields or {}).get(name):
        return str(named)
    if model is None or not _has(model, name):
        return name.replace("_", " ")
    return str(getattr(model._meta.get_field(name), "verbose_name", name.replace("_", " ")))


def _details(row: LogEntry, changes: Changes) -> Iterator[tuple[str, str, str]]:
    if row.action not in (LogEntry.Action.UPDATE, LogEntry.Action.ACCESS):
        return
    model = row.content_type.model_class()
    for name, (before, after) in changes.items():
        if model and _has(model, name) and isinstance(model._meta.get_field(name), JSONField):
            yield from _inside(before, after)
        elif HIDDEN not in (before, after):
            yield _field(row, name), _short(before), _short(after)


def _inside(before: str, after: str) -> Iterator[tuple[str, str, str]]:
    """Of what is kept as data: its short texts and numbers. The rest is no reading for people."""
    try:
        old, new = json.loads(before or "{}"), json.loads(after or "{}")
    except ValueError:
        return
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return
    for name in sorted(old | new):
        pair = [old.get(name), new.get(name)]
        if pair[0] != pair[1] and all(_plain(one) for one in pair):
            yield name.replace("_", " "), *("" if one is None else str(one) for one in pair)


def _plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST and not set(value) & set("<>{}\n")
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
