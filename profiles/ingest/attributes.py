"""What people say about themselves, brought into one shape: snake_case names, checked time zones, plain contacts."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final
from zoneinfo import available_timezones

MAX_NAME: Final = 100
MAX_IDENTIFIER: Final = 255

_WORD_END = re.compile(r"([a-z0-9])([A-Z])|([A-Z]+)(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"\W+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE_NOISE = re.compile(r"[\s().\-/]+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")


@lru_cache(maxsize=8192)
def snake(name: str) -> str:
    """firstName → first_name, createdAt → created_at, "Lifetime Value" → lifetime_value, APIKey → api_key."""
    words = _WORD_END.sub(lambda m: f"{m[1]}_{m[2]}" if m[1] else f"{m[3]}_", name)
    return _NOT_WORD.sub("_", words).lower().strip("_")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(value: object) -> bool:
    """Whether `value` names a time zone of the IANA database."""
    return isinstance(value, str) and value in _zones()


def clean(traits: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Attributes as they are stored, and what was left out and why. None stands for "remove"."""
    values: dict[str, Any] = {}
    warnings: list[str] = []
    for given, value in traits.items():
        name = snake(given)
        if not name or len(name) > MAX_NAME:
            warnings.append(f"traits: the name {given[:40]!r} is not stored: use 1 to {MAX_NAME} letters and digits")
        elif name == "timezone" and value is not None and not is_zone(value):
            warnings.append("traits.timezone: not stored: use a name of the time zone database, like Europe/Berlin")
        else:
            values[name] = value.strip() if name == "email" and isinstance(value, str) else value
    return values, warnings


def email_identity(value: object) -> str | None:
    """An e-mail address as an identity: trimmed, lower case; None when it is not one."""
    if not isinstance(value, str):
        return None
    address = value.strip().lower()
    return address if len(address) <= MAX_IDENTIFIER and _EMAIL.fullmatch(address) else None


def phone_identity(value: object) -> str | None:
    """A phone number as an identity: digits with an optional plus; None when it is not one."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return None
    number = _PHONE_NOISE.sub("", str(value))
    return number if _PHONE.fullmatch(number) else None


def plus(number: str) -> str:
    """The same number with a plus for the zeros before the country: so it is sent to, and blocked."""
    return f"+{number[2:]}" if number.startswith("00") else number
