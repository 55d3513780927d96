"""What was changed by whom: which models are followed, and their log in plain words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditlog.context import auditlog_value
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

HIDDEN = "•••"
# What is done with a thing without changing it.
DONE = {
    "started": _lazy("started “%(name)s”"),
    "downloaded": _lazy("downloaded “%(name)s”"),
    "moved": _lazy("moved people by hand in “%(name)s”"),
    "renewed": _lazy("renewed the key that signs webhooks"),
}


def track(
    *models: type[Model],
    ignore: Sequence[str] = (),
    secret: Sequence[str] = (),
    many: Iterable[str] = (),
) -> None:
    """Follow changes of these models. Call it in `apps.ready`.

    `ignore`: fields that change by themselves (counts, times). `secret`: fields of which only the fact of a change is
    kept. `many`: many-to-many fields to follow.
    """
    for model in models:
        auditlog.register(
            model,
            exclude_fields=[name for name in ignore if _has(model, name)],
            mask_fields=[name for name in secret if _has(model, name)],
            mask_callable="omnichannel.accounts.audit.masked",
            m2m_fields=set(many),
        )


def _has(model: type[Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


def note(done: str, thing: Model, by: Model | None, details: Mapping[str, str]) -> None:
    """Write down that somebody did one of `DONE` with a thing."""
    changes = {name: ["", value] for name, value in details.items()}
    LogEntry.objects.log_create(
        thing, force_log=True, action=LogEntry.Action.ACCESS, changes=changes, additional_data={"done": done}, actor=by
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


def entries(log: Iterable[LogEntry]) -> Iterator[Entry]:
    """Log entries in words."""
    for row in log:
        yield Entry(row.timestamp, _who(row), _sentence(row), tuple(_details(row)))


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


def thing_of(row: LogEntry) -> str:
    """The kind of thing in words: "journey", "API key"."""
    model = row.content_type.model_class()
    return str(model._meta.verbose_name) if model else row.content_type.model


def _who(row: LogEntry) -> str:
    return str(row.actor) if row.actor else _("The system")


def _sentence(row: LogEntry) -> str:
    facts = {"thing": thing_of(row), "name": row.object_repr}
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
    if model is None or not _has(model, name):
        return name.replace("_", " ")
    return str(getattr(model._meta.get_field(name), "verbose_name", name.replace("_", " ")))


def _details(row: LogEntry) -> Iterator[tuple[str, str, str]]:
    if row.action not in (LogEntry.Action.UPDATE, LogEntry.Action.ACCESS):
        return
    for name, change in (row.changes or {}).items():
        if isinstance(change, dict):  # many-to-many: what was added or taken away
            added = change.get("operation") == "add"
            names = ", ".join(change.get("objects", []))
            yield _field(row, name), "" if added else names, names if added else ""
        else:
            before, after = change
            yield _field(row, name), _short(before), _short(after)


def _short(value: Any) -> str:
    text = {"None": "", "True": _("yes"), "False": _("no")}.get(str(value), str(value))
    return text if len(text) <= 120 else f"{text[:119]}…"
