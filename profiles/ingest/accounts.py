"""Companies and who belongs to them, as a batch of group calls tells of them: a constant number of statements."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from omnichannel.shared import sql
from profiles.ingest.merge import row_of
from profiles.ingest.person import Grouped
from profiles.ingest.rows import text
from profiles.services.changes import NewChange, nudge

SQL = sql.load(Path(__file__).parent.parent / "sql" / "accounts.sql")
Held = dict[str, tuple[int, dict[str, Any]]]  # by key: the row and its attributes


def write(told: Sequence[Grouped], now: datetime) -> list[NewChange]:
    """Companies with what is new of them, and their new members; what is to be told of the latter.

    The caller holds the row locks of the profiles. Companies are locked after profiles, in the order of their keys.
    """
    if not told:
        return []
    with sql.bound() as cursor:
        keys = {"keys": sorted({one.key for one in told})}
        cursor.execute(SQL["add"], keys | {"now": now})
        held = _held(cursor, keys)
        joining: dict[tuple[int, int], datetime] = {}
        for one in told:
            joining.setdefault((held[one.key][0], row_of(one.person)), one.at)
        names = _keep(cursor, held, [(one.key, one.values) for one in told], now)
        rows = [{"account_id": a, "profile_id": p, "since": at} for (a, p), at in joining.items()]
        cursor.execute(SQL["join"], {"rows": text(rows)})
        joined = cursor.fetchall()
        _tell(cursor, names, now)
    now_is = {row_of(one.person): row_of(one.person.now()) for one in told}
    return [NewChange(now_is[profile], "account", data={"account": account}) for account, profile in joined]


def change(values: Mapping[str, dict[str, Any]], now: datetime) -> bool:
    """What is new of companies that are known already, by their keys. Whether anything was, in the caller's
    transaction.
    """
    with sql.bound() as cursor:
        held = _held(cursor, {"keys": sorted(values)})
        names = _keep(cursor, held, [(key, given) for key, given in values.items() if key in held], now)
        _tell(cursor, names, now)
    return bool(names)


def _held(cursor: Any, keys: dict[str, list[str]]) -> Held:
    cursor.execute(SQL["lock"], keys)
    return {key: (ident, msgspec.json.decode(attributes)) for ident, key, attributes in cursor.fetchall()}


def _keep(cursor: Any, held: Held, given: Sequence[tuple[str, dict[str, Any]]], now: datetime) -> set[tuple[int, str]]:
    """Write what is new; (company, name) of what is."""
    changed: dict[int, dict[str, Any]] = {}
    names: set[tuple[int, str]] = set()
    for key, values in given:
        ident, attributes = held[key]
        for name in _put(attributes, values):
            changed[ident] = attributes
            names.add((ident, name))
    if changed:
        rows = [{"id": ident, "attributes": attributes} for ident, attributes in changed.items()]
        cursor.execute(SQL["update"], {"rows": text(rows), "now": now})
    return names


def _tell(cursor: Any, names: set[tuple[int, str]], now: datetime) -> None:
    if names:
        rows = [{"account_id": ident, "name": name} for ident, name in sorted(names)]
        cursor.execute(SQL["tell"], {"rows": text(rows), "now": now})
        nudge(row[0] for row in cursor.fetchall())


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
