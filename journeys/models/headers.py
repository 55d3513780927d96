"""Headers of requests to others. What they say is secret but for a few that cannot be: sealed where it is kept, and
never told again.

A row is {"name", "value", "secret"}: `secret` is empty where the value may be read, `NEEDED` where one is to be filled
in, else a name for the sealed value, another one for every other value. `sealed` is in the database alone.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from omnichannel.shared import vault

NEEDED: Final = "needed"
PLAIN: Final = frozenset(
    {
        *("accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "content-language"),
        *("content-type", "prefer", "user-agent"),
    }
)
Row = dict[str, Any]


def is_plain(name: Any) -> bool:
    """Whether the value of this header may be shown."""
    return str(name or "").strip().lower() in PLAIN


def place(url: str) -> str:
    """Whom a secret is told: the address without what comes after the host."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname}:{parts.port or ''}"
    except ValueError:
        return ""


def seal(row: Row, url: str) -> Row:
    """As it is kept; a typed secret is sealed for the place to which it is to be sent."""
    name, value = row["name"], row.get("value") or ""
    if is_plain(name):
        return {"name": name, "value": value, "secret": ""}
    if not value:
        return row if "sealed" in row else {"name": name, "value": "", "secret": NEEDED}
    sealed = vault.seal({"value": value, "place": place(url)}).decode()
    return {"name": name, "value": "", "secret": secrets.token_urlsafe(9), "sealed": sealed}


def opened(row: Row, url: str) -> str | None:
    """The value, to be sent to this address. None: it is not known, cannot be unsealed, or is for somebody else."""
    if row.get("secret", "") == "":
        return str(row["value"])
    try:
        told = vault.unseal(row["sealed"].encode()) if "sealed" in row else {}
    except vault.SealError:
        return None
    return str(told["value"]) if told.get("place") == place(url) else None


def shown(rows: Sequence[Row]) -> list[Row]:
    """What may be told."""
    return [{name: value for name, value in row.items() if name != "sealed"} for row in rows]
