"""Companies and who belongs to them, as a batch of group calls tells of them: a constant number of statements."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connection

from omnichannel.shared import sql
from profiles.ingest.merge import row_of
from profiles.ingest.person import Grouped
from profiles.ingest.rows import text
from profiles.services.changes import NewChange, nudge

SQL = sql.load(Path(__file__).parent.parent / "sql" / "accounts.sql")


def write(told: Sequence[Grouped], now: datetime) -> list[NewChange]:
    """Companies with what is new of them, and their new members; what is to be told of the latter.

    The caller holds the row locks of the profiles. Companies are locked after profiles, in the order of their keys.
    """
    if not told:
        return []
    with connection.cursor() as cursor:
        keys = {"keys": sorted({one.key for one in told})}
        cursor.execute(SQL["add"], keys | {"now": now})
        cursor.execute(SQL["lock"], keys)
        held = {key: (ident, msgspec.json.decode(attributes)) for ident, key, attributes in cursor.fetchall()}
        joining: dict[tuple[int, int], datetime] = {}
        changed: dict[int, dict[str, Any]] = {}
        names: set[tuple[int, str]] = set()
        for one in told:
            ident, attributes = held[one.key]
            joining.setdefault((ident, row_of(one.person)), one.at)
            for name in _put(attributes, one.values):
                changed[ident] = attributes
                names.add((ident, name))
        if changed:
            rows = [{"id": ident, "attributes": attributes} for ident, attributes in changed.items()]
            cursor.execute(SQL["update"], {"rows": text(rows), "now": now})
        rows = [{"account_id": a, "profile_id": p, "since": at} for (a, p), at in joining.items()]
        cursor.execute(SQL["join"], {"rows": text(rows)})
        joined = cursor.fetchall()
        if names:
            rows = [{"account_id": ident, "name": name} for ident, name in sorted(names)]
            cursor.execute(SQL["tell"], {"rows": text(rows), "now": now})
            nudge(row[0] for row in cursor.fetchall())
    now_is = {row_of(one.person): row_of(one.person.now()) for one in told}
    return [NewChange(now_is[profile], "account", data={"account": account}) for account, profile in joined]


def _put(attributes: dict[str, Any], values: dict[str, Any]) -> list[str]:
    """The names of those that changed; None removes."""
    names = []
    for name, value in values.items():
        old = attributes.get(name)
        if old == value and type(old) is type(value):
            continue
        names.append(name)
        if value is None:
            del attributes[name]
        else:
            attributes[name] = value
    return names
