"""What a sender has in the air, noted in Valkey: the only way to know, after a crash, what may have left.

One hash per sender. Field `claim` says that notes were kept from the start, and by which Valkey process (a restarted
one may have forgotten the last second, so its notes are not trusted); a message's field is "sending" from just before
it is handed over until its result replaces it.
"""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from journeys.contracts.provider import Accepted, Rejected, Result, TryLater, Unreachable, Unsure
from omnichannel.shared.broker import client

KEPT: Final = timedelta(days=7)
SENDING: Final = b"sending"
KINDS: Final = {kind.__name__: kind for kind in (Accepted, Rejected, TryLater, Unsure, Unreachable)}


class FencedError(Exception):
    """Somebody held this sender for dead and took its messages over: it must stop."""


class Flight:
    """The notes of one sender."""

    def __init__(self, sender: int) -> None:
        self.key = f"flight:{sender}"

    def open(self) -> None:
        """Before claiming: from here on, a message without a note has not left."""
        pipe = client().pipeline()
        pipe.hset(self.key, "claim", _valkey_run())
        pipe.expire(self.key, KEPT)
        pipe.execute()

    def leaving(self, message_id: int, last: "tuple[int, Result] | None" = None) -> None:
        """Before a hand-over, with the result of the one before. FencedError: do not hand it over."""
        fields: dict[str, str | bytes] = {str(message_id): SENDING}
        if last is not None:
            fields[str(last[0])] = encode(last[1])
        # No transaction: what matters is that the note stands before the fence is looked for.
        pipe = client().pipeline(transaction=False)
        pipe.hset(self.key, mapping=fields)  # type: ignore[arg-type]
        pipe.hexists(self.key, "fence")
        if pipe.execute()[1]:
            raise FencedError

    def landed(self, message_id: int, result: Result) -> None:
        """After the last hand-over."""
        client().hset(self.key, str(message_id), encode(result))

    def close(self) -> None:
        """After the results are in the database."""
        client().delete(self.key)

    def fence(self) -> "Notes":
        """Stop the sender, should it live after all, and read what it noted. In one step, so no note is missed."""
        pipe = client().pipeline()
        pipe.hset(self.key, "fence", 1)
        pipe.expire(self.key, KEPT)
        pipe.hgetall(self.key)
        fields = pipe.execute()[2]
        return Notes(fields, trusted=fields.get(b"claim") == _valkey_run().encode())


class Notes:
    """What a dead sender left behind."""

    def __init__(self, fields: dict[bytes, bytes], *, trusted: bool) -> None:
        self.fields, self.trusted = fields, trusted

    def result(self, message_id: int) -> Result | None:
        """What became of a message: None when it surely never left."""
        noted = self.fields.get(str(message_id).encode())
        if noted is not None and noted != SENDING:
            return decode(noted)
        if noted is None and self.trusted:
            return None
        return Unsure("The sending process stopped while this message was on its way.")


def _valkey_run() -> str:
    return str(client().info("server")["run_id"])


def encode(result: Result) -> bytes:
    """A result as text for the note."""
    return json.dumps([type(result).__name__, asdict(result)], default=lambda delta: delta.total_seconds()).encode()


def decode(noted: bytes) -> Result:
    """The result again."""
    name, values = json.loads(noted)
    if values.get("after") is not None:
        values["after"] = timedelta(seconds=values["after"])
    result: Result = KINDS[name](**values)
    return result
