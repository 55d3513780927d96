"""Everything about one person, to hand to them: a zip of JSON files. Other apps register theirs."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import F, Model

from omnichannel.shared import sql
from profiles.models import Consent, ConsentChange, Identity, ListEntry, Membership, Note, PastMembership, Profile

SQL: Final = sql.load(Path(__file__).parent.parent / "sql" / "portability.sql")
AT_ONCE: Final = 2_000

# What is in one file: rows of one person.
Rows = Callable[[int], Iterable[Mapping[str, Any]]]
_sections: dict[str, Rows] = {}


def register(name: str, rows: Rows) -> None:
    """Add a file to the export: `messages` gives messages.json."""
    _sections[name] = rows


def export(profile: Profile, now: datetime) -> bytes:
    """The zip."""
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in _sections.items():
            with archive.open(f"{name}.json", "w") as file:
                for part in _array(rows(profile.pk)):
                    file.write(part.encode())
        archive.writestr("about.json", _json({"person": profile.pk, "exported_at": now, "files": sorted(_sections)}))
    return held.getvalue()


def file_name(profile: Profile, now: datetime) -> str:
    """Such as person-17-2026-03-02.zip."""
    return f"person-{profile.pk}-{now:%Y-%m-%d}.zip"


def _array(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    start = "[\n"
    for row in rows:
        yield f"{start}{_json(row)}"
        start = ",\n"
    yield "[]\n" if start == "[\n" else "\n]\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


def table(model: type[Model], *fields: str, **named: str) -> Rows:
    """A file with these columns of a table that has a `profile`; `named` are columns of tables it points at."""

    def rows(profile: int) -> Iterable[Mapping[str, Any]]:
        found = model._default_manager.filter(profile=profile).order_by("pk")
        columns = {name: F(path) for name, path in named.items()}
        return found.values(*fields, **columns).iterator(AT_ONCE)

    return rows


def _person(profile: int) -> Iterable[Mapping[str, Any]]:
    found = Profile.objects.filter(pk=profile)
    return found.values("id", "attributes", "created_at", "updated_at", last_seen_at=F("seen__at"))


def _events(profile: int) -> Iterator[Mapping[str, Any]]:
    bound: dict[str, Any] = {"profile": profile, "at": "infinity", "id": 0, "limit": AT_ONCE}
    while True:
        with connection.cursor() as cursor:
            cursor.execute(SQL["events"], bound)
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        for row in rows:
            yield {**row, "properties": _loaded(row["properties"]), "context": _loaded(row["context"])}
        if len(rows) < AT_ONCE:
            return
        bound |= {"at": rows[-1]["occurred_at"].isoformat(), "id": rows[-1]["id"]}


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


register("person", _person)
register("identities", table(Identity, "kind", "value", "created_at"))
register("events", _events)
register("segments", table(Membership, "since", "reason", segment_name="segment__name"))
stays = table(PastMembership, "since", "until", "reason", "exit_reason", segment_name="segment__name")
register("segments_before", stays)
register("lists", table(ListEntry, "at", "source", list_name="list__name"))
register("consents", table(Consent, "channel", "subscribed", "source", "at", topic_name="topic__name"))
register("consent_history", table(ConsentChange, "channel", "subscribed", "source", "at", topic_name="topic__name"))
register("notes", table(Note, "text", "at", "edited_at", written_by="by__name"))
