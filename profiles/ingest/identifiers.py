"""What in a call may name a person: ids, addresses, devices, and ids of the sender's own."""

from typing import Any, Final, NamedTuple

from profiles.ingest.attributes import MAX_IDENTIFIER, email_identity, phone_identity, snake
from profiles.ingest.decode import Call
from profiles.ingest.rules import RULES, rule

MAX_KIND: Final = 50
EXTERNAL_AT_MOST: Final = 20
# Types of `context.externalIds` that mean a kind of ours; any other is a kind of the sender's own.
EXTERNAL: Final = {
    "ios_push_token": "device_token",
    "android_push_token": "device_token",
    "push_token": "device_token",
    "telegram_chat_id": "chat_id",
    "whatsapp_id": "chat_id",
    "telegram_id": "chat_id",
}


class Identifier(NamedTuple):
    """One identifier: its kind and value name one person."""

    kind: str
    value: str


def identifiers(call: Call) -> list[Identifier]:
    """Everything but user ids, in the order in which it is asked."""
    if call.named is None:
        call.named = _named(call)
    return call.named


def _named(call: Call) -> list[Identifier]:
    found = contacts(call)
    if call.context:
        found += _of_context(call.context)
    if call.anonymous_id:
        found.append(Identifier("anonymous_id", call.anonymous_id))
    if len(found) > 1:
        found = sorted(dict.fromkeys(found), key=lambda one: rule(one.kind).order)
    return found


def all_identifiers(call: Call) -> list[Identifier]:
    """Everything in the call that may name a person, user ids included."""
    if call.all_named is None:
        found = identifiers(call)
        if call.user_id:
            found = [*found, Identifier("user_id", call.user_id)]
        if call.previous_id:
            before = (Identifier("user_id", call.previous_id), Identifier("anonymous_id", call.previous_id))
            found = [*found, *before]
        call.all_named = found
    return call.all_named


def contacts(call: Call) -> list[Identifier]:
    """E-mail and phone that the call tells of."""
    found = []
    for traits in (call.traits, call.hints):
        for given, value in traits.items():
            name = snake(given)
            address = email_identity(value) if name == "email" else phone_identity(value) if name == "phone" else None
            if address is not None:
                found.append(Identifier(name, address))
    return found


def _of_context(context: dict[str, Any]) -> list[Identifier]:
    found = []
    device = context.get("device")
    if isinstance(device, dict) and (token := _text(device.get("token"))):
        found.append(Identifier("device_token", token))
    external = context.get("externalIds")
    if isinstance(external, list):
        found += [one for given in external[:EXTERNAL_AT_MOST] if (one := _external(given))]
    return found


def _external(given: Any) -> Identifier | None:
    """One of `context.externalIds`: {id, type, collection}. Only the collection "users" is about people."""
    if not isinstance(given, dict) or given.get("collection", "users") != "users":
        return None
    kind, value = snake(str(given.get("type") or "")), _text(given.get("id"))
    kind = EXTERNAL.get(kind, kind)
    if not kind or len(kind) > MAX_KIND or not value or kind == "user_id":
        return None
    if kind == "email":
        value = email_identity(value)
    elif kind == "phone":
        value = phone_identity(value)
    return Identifier(kind, value) if value else None


def _text(value: Any) -> str | None:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return None
    text = str(value).strip()
    return text if 0 < len(text) <= MAX_IDENTIFIER else None


def kinds() -> tuple[str, ...]:
    """The kinds that come with us, the weightiest questions first."""
    return tuple(sorted(RULES, key=lambda kind: RULES[kind].order))
