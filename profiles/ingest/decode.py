"""The Segment HTTP tracking spec, decoded: bytes in, checked calls and errors that name item and field out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, TypeVar
from uuid import UUID, uuid4

import msgspec

from profiles.ingest.attributes import MAX_IDENTIFIER

MAX_ITEM: Final = 32 * 1024
MAX_BODY: Final = 500 * 1024
KINDS: Final = ("identify", "track", "page", "screen", "group", "alias")
NAMES: Final = {
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "identify": "Identified",
    "group": "Group Joined",
    "alias": "Aliased",
}

T = TypeVar("T")

# PostgreSQL stores no NUL in text; the escape is removed, an escaped backslash before "u0000" is left alone.
_NUL = re.compile(rb"((?<!\\)(?:\\\\)*)\\u0000")
_WHERE = re.compile(r" - at `\$\.?(.*)`$")


@dataclass(frozen=True, slots=True)
class ItemError:
    """One item that is not stored: its place in the batch, the field, and what is needed."""

    item: int
    field: str
    message: str


class BadItemError(ValueError):
    """An item that cannot be understood."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class Call(msgspec.Struct, kw_only=True):
    """One checked call: who it speaks of, what is stored as an event, and what it says about the person."""

    kind: str
    name: str
    message_id: UUID
    occurred_at: datetime
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    group_id: str | None = None
    properties: dict[str, Any] = {}
    traits: dict[str, Any] = {}
    hints: dict[str, Any] = {}
    context: dict[str, Any] | None = None
    # What `identifiers` and `all_identifiers` have found, which is asked more than once.
    named: list[Any] | None = None
    all_named: list[Any] | None = None


class Item(msgspec.Struct, rename="camel"):
    """A call as clients send it. Unknown fields are ignored."""

    type: str | None = None
    message_id: str | None = None
    user_id: str | int | None = None
    anonymous_id: str | int | None = None
    previous_id: str | int | None = None
    group_id: str | int | None = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None


class Envelope(msgspec.Struct, rename="camel"):
    """A batch. Its items stay bytes, so that a bad one spoils only itself and its size is known."""

    batch: list[msgspec.Raw]
    sent_at: str | None = None


class Key(msgspec.Struct, rename="camel"):
    """The write key in the body, where the browser library puts it."""

    write_key: str | None = None


_items = msgspec.json.Decoder(Item)
_envelopes = msgspec.json.Decoder(Envelope)
_keys = msgspec.json.Decoder(Key)


def _told(decode: Callable[[bytes | msgspec.Raw], T], raw: bytes | msgspec.Raw) -> T:
    try:
        return decode(raw)
    except msgspec.ValidationError as error:
        text = str(error)
        where = _WHERE.search(text)
        raise BadItemError(where[1].partition("[")[0] if where else "", _WHERE.sub("", text)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadItemError("", f"This is not JSON: {error}") from error
    except RecursionError as error:
        raise BadItemError("", "Nested too deeply") from error


def body_key(body: bytes) -> str | None:
    """The write key inside the body, if there is one."""
    try:
        return _told(_keys.decode, body).write_key
    except BadItemError:
        return None


def decode_batch(body: bytes, now: datetime) -> tuple[list[tuple[int, Call]], list[ItemError]]:
    """The good calls with their places, and the errors of the others. BadItemError: the batch itself is not one."""
    envelope = _told(_envelopes.decode, _NUL.sub(rb"\1", body) if b"\\u0000" in body else body)
    sent_at = _moment("sentAt", envelope.sent_at)
    calls: list[tuple[int, Call]] = []
    errors: list[ItemError] = []
    for place, raw in enumerate(envelope.batch):
        try:
            calls.append((place, _call(raw, None, sent_at, now)))
        except BadItemError as bad:
            errors.append(ItemError(place, bad.field, bad.message))
    return calls, errors


def decode_one(body: bytes, kind: str, now: datetime) -> Call:
    """The call posted to its own address. BadItemError says which field is wrong."""
    return _call(_NUL.sub(rb"\1", body) if b"\\u0000" in body else body, kind, None, now)


def _call(raw: bytes | msgspec.Raw, kind: str | None, sent_at: datetime | None, now: datetime) -> Call:
    size = len(memoryview(raw))
    if size > MAX_ITEM:
        raise BadItemError("", f"Too large: {size} bytes, an event may have {MAX_ITEM}")
    item = _told(_items.decode, raw)
    kind = kind or item.type
    if kind not in KINDS:
        raise BadItemError("type", f"Has to be one of {', '.join(KINDS)}")
    context = item.context
    hints = context.pop("traits", None) if context else None
    if hints is not None and not isinstance(hints, dict):
        raise BadItemError("context.traits", "Expected `object`")
    call = Call(
        kind=kind,
        name=_name(item, kind),
        message_id=_message_id(item.message_id),
        occurred_at=_occurred_at(item, sent_at, now),
        user_id=_identifier("userId", item.user_id),
        anonymous_id=_identifier("anonymousId", item.anonymous_id),
        previous_id=_identifier("previousId", item.previous_id) if kind == "alias" else None,
        group_id=_identifier("groupId", item.group_id) if kind == "group" else None,
        traits=(item.traits or {}) if kind == "identify" else {},
        hints=hints or {},
        context=context or None,
    )
    call.properties = _properties(item, call)
    _check(call)
    return call


def _check(call: Call) -> None:
    if call.kind == "alias":
        if not call.user_id:
            raise BadItemError("userId", "An alias needs the userId it leads to")
        if not call.previous_id:
            raise BadItemError("previousId", "An alias needs the previousId it starts from")
    elif not call.user_id and not call.anonymous_id:
        raise BadItemError("userId", "Needs a userId or an anonymousId")
    if call.kind == "group" and not call.group_id:
        raise BadItemError("groupId", "A group call needs a groupId")


def _name(item: Item, kind: str) -> str:
    if kind != "track":
        return NAMES[kind]
    if not item.event or not item.event.strip():
        raise BadItemError("event", "A track call needs the name of the event")
    if len(item.event) > MAX_IDENTIFIER:
        raise BadItemError("event", f"Too long: at most {MAX_IDENTIFIER} characters")
    return item.event


def _properties(item: Item, call: Call) -> dict[str, Any]:
    match call.kind:
        case "identify":
            return call.traits
        case "group":
            return {"group_id": call.group_id, "traits": item.traits or {}}
        case "alias":
            return {"previous_id": call.previous_id, "user_id": call.user_id}
        case "page" | "screen":
            named = {"name": item.name, "category": item.category}
            return {k: v for k, v in named.items() if v} | (item.properties or {})
    return item.properties or {}


def _identifier(field: str, value: str | int | None) -> str | None:
    if value is None:
        return None
    text = str(value).strip()
    if len(text) > MAX_IDENTIFIER:
        raise BadItemError(field, f"Too long: at most {MAX_IDENTIFIER} characters")
    return text or None


def _message_id(given: str | None) -> UUID:
    """The client's UUID when it is one; else a hash of its text, the same on every repeat."""
    if not given:
        return uuid4()
    try:
        return msgspec.convert(given, UUID)  # half the time of the constructor, which knows a few more spellings
    except msgspec.ValidationError:
        pass
    try:
        return UUID(given)
    except ValueError:
        return UUID(bytes=blake2b(given.encode(), digest_size=16).digest())


def _moment(field: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadItemError(field, "Expected a date and time in ISO 8601, like 2026-01-31T12:00:00.000Z") from error


def _occurred_at(item: Item, sent_at: datetime | None, now: datetime) -> datetime:
    """By our clock: what the client's clock is off by shows in when it says it sent. Never in the future."""
    field = "originalTimestamp" if item.original_timestamp else "timestamp"
    said = _moment(field, item.original_timestamp or item.timestamp)
    sent = sent_at or _moment("sentAt", item.sent_at)
    if said is None:
        return now
    if sent is None:
        return min(said, now)
    age: timedelta = sent - said
    try:
        return min(now - age, now)
    except OverflowError as error:
        raise BadItemError(field, "This date is out of range") from error
