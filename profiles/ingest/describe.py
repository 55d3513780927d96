"""What a call says about its person: traits, and what its context tells where nothing better is known."""

from collections.abc import Mapping
from typing import Any, Final

from profiles.ingest.attributes import clean, is_zone, snake
from profiles.ingest.decode import Call

# Attribute, and where the context tells it. A trait of that name is better: it is never overwritten.
TOLD: Final = (
    ("device_type", "device", "type"),
    ("os", "os", "name"),
    ("country", "location", "country"),
    ("city", "location", "city"),
)
LONGEST: Final = 200


def described(call: Call, held: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The attributes that the call sets, and what was left out and why. None stands for "remove"."""
    values, warnings = clean(call.traits)
    for given, value in call.hints.items():
        name = snake(given)
        if name in ("email", "phone") and value is not None and name not in held and name not in values:
            values[name] = value
    if call.context:
        _of_context(call.context, values, held)
    if call.group_id:
        groups = held.get("groups")
        groups = groups if isinstance(groups, list) else []
        if call.group_id not in groups:
            values["groups"] = [*groups, call.group_id]
    return values, warnings


def _of_context(context: Mapping[str, Any], values: dict[str, Any], held: Mapping[str, Any]) -> None:
    """Fill gaps. The version of the app is the one exception: it is what was used last."""
    zone, locale = context.get("timezone"), context.get("locale")
    if is_zone(zone) and "timezone" not in held:
        values.setdefault("timezone", zone)
    if isinstance(locale, str) and locale and "language" not in held:
        values.setdefault("language", locale.replace("_", "-").split("-")[0].lower()[:8])
    for name, part, key in TOLD:
        if part in context and name not in held and (text := _word(context[part], key)):
            values.setdefault(name, text)
    if "app" in context and (text := _word(context["app"], "version")):
        values.setdefault("app_version", text)


def _word(part: Any, key: str) -> str | None:
    value = part.get(key) if isinstance(part, Mapping) else None
    return value.strip()[:LONGEST] or None if isinstance(value, str) else None
