"""One cell becomes the value that is stored, or says what is needed instead."""

import json
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from profiles.imports.formats import Format
from profiles.ingest.attributes import MAX_IDENTIFIER, email_identity, is_zone, phone_identity

TYPES: Final[dict[str, str | Promise]] = {
    "text": gettext_lazy("Text"),
    "number": gettext_lazy("Number"),
    "yes_no": gettext_lazy("Yes or no"),
    "date": gettext_lazy("Date"),
    "list": gettext_lazy("List"),
    "same": gettext_lazy("As in the file"),
}
LONGEST: Final = 5_000
LARGEST: Final = 32 * 1024
DEEPEST: Final = 10
YES: Final = frozenset(("yes", "y", "true", "t", "1", "on", "x", "ja", "oui", "si", "sí", "да", "subscribed"))
NO: Final = frozenset(("no", "n", "false", "f", "0", "off", "-", "nein", "non", "нет", "unsubscribed"))

_PLAIN: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_SPACES: Final = re.compile(r"[\s\u00a0\u202f']")
_ISO: Final = re.compile(r"\d{4}-\d\d?-\d\d?")
_NUMERIC_DATE: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T,]+(.+))?")
_ISO_BASIC: Final = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})(?:[ T]+(.+))?")


class BadValueError(ValueError):
    """A value that is not stored; `needed` says what to do."""

    def __init__(self, reason: str, needed: str) -> None:
        super().__init__(reason)
        self.needed = needed


def given(value: Any) -> Any:
    """The value without blanks around it; None where there is none. BadValueError: it cannot be stored at all."""
    if isinstance(value, list | dict):
        found = _nested(value, 0)
        if len(json.dumps(found)) > LARGEST:
            raise BadValueError(_("It is larger than %(n)s KB.") % {"n": LARGEST // 1024}, _("Leave this column out."))
        return found
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.isascii():
        return (text.replace("\0", "") if "\0" in text else text) or None
    if "\ufffd" in text or (not text.isprintable() and _has_surrogates(text)):
        raise BadValueError(
            _("It has letters that cannot be read."), _("Choose another encoding, or save the file as UTF-8.")
        )
    return text.replace("\0", "") or None


def _nested(value: Any, depth: int) -> Any:
    """Lists and objects of JSON, within bounds."""
    if depth > DEEPEST:
        raise BadValueError(_("It is nested too deeply."), _("Flatten it, or leave this column out."))
    if isinstance(value, dict):
        return {str(given(name)): _nested(one, depth + 1) for name, one in value.items() if name}
    if isinstance(value, list):
        return [_nested(one, depth + 1) for one in value]
    return (given(value) or "") if isinstance(value, str) else value


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def text(value: Any, _form: Format) -> Any:
    """Letters, as they are."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    found = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(found) > LONGEST:
        raise BadValueError(
            _("It is longer than %(n)s letters.") % {"n": LONGEST}, _("Shorten it, or leave this column out.")
        )
    return found


def number(value: Any, form: Format) -> Any:
    """A number, written as the file writes them."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value)
    if isinstance(value, str):
        plain = _SPACES.sub("", value)
        other = "." if form.decimal == "," else ","
        grouped = re.fullmatch(rf"[+-]?\d{{1,3}}({re.escape(other)}\d{{3}})+", plain.partition(form.decimal)[0])
        if grouped:
            plain = plain.replace(other, "")
        plain = plain.replace(",", ".") if form.decimal == "," else plain
        if _PLAIN.fullmatch(plain):
            return _finite(int(plain) if plain.lstrip("+-").isdecimal() and len(plain) < 20 else float(plain))
    raise BadValueError(_("This is not a number."), _("A number looks like 42 or 3.5."))


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise BadValueError(_("This number is too large."), _("Leave it empty, or correct it."))


def yes_no(value: Any, _form: Format) -> Any:
    """Yes or no."""
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word not in YES and word not in NO:
        raise BadValueError(_("This is neither yes nor no."), _("Write yes or no, true or false, 1 or 0."))
    return word in YES


def day(value: Any, form: Format) -> Any:
    """A date, or a date with a time, in ISO 8601."""
    found = _date(value, form) if isinstance(value, str) else None
    if found is None:
        raise BadValueError(_("This is not a date."), _("A date looks like 2026-01-31, or as chosen above."))
    return found


def _date(value: str, form: Format) -> str | None:
    try:
        if _ISO.match(value):
            year, month, rest = value.split("-", 2)
            digits = re.match(r"\d{1,2}", rest)
            days = digits[0] if digits else ""
            return _joined(int(year), int(month), int(days), rest[len(days) :].lstrip("T ,"))
        if matched := _ISO_BASIC.fullmatch(value):
            return _joined(int(matched[1]), int(matched[2]), int(matched[3]), matched[4] or "")
        if matched := _NUMERIC_DATE.fullmatch(value):
            first, second, full = int(matched[1]), int(matched[3]), int(matched[4])
            full += 0 if len(matched[4]) == 4 else 1900 if full >= 50 else 2000
            swapped = form.dates == "mdy" and matched[2] != "."
            return _joined(full, *((first, second) if swapped else (second, first)), matched[5] or "")
    except ValueError:
        return None
    return None


def _joined(year: int, month: int, days: int, clock: str) -> str:
    if year < 1000:
        raise ValueError(year)
    start = date(year, month, days).isoformat()
    if not clock:
        return start
    if len(clock.partition(":")[0]) == 1:
        clock = f"0{clock}"
    return datetime.fromisoformat(f"{start}T{clock.replace(' ', '')}").isoformat()


def listed(value: Any, _form: Format) -> Any:
    """Many values: split at semicolons or bars, else at commas; or a list of JSON."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        if value.startswith("["):
            try:
                found = json.loads(value)
            except ValueError:
                found = None
            if isinstance(found, list):
                return found
        mark = next((one for one in ";|" if one in value), ",")
        return [part for one in value.split(mark) if (part := one.strip())]
    return [value]


def same(value: Any, _form: Format) -> Any:
    """Whatever JSON holds."""
    return value


def email(value: Any, _form: Format) -> str:
    """An e-mail address, as it is written."""
    if email_identity(value) is None:
        raise BadValueError(_("This is not an e-mail address."), _("It looks like anna@shop.example."))
    return str(value)


def phone(value: Any, _form: Format) -> str:
    """A phone number, as it is written."""
    if phone_identity(value) is None:
        raise BadValueError(
            _("This is not a phone number."), _("It has 6 to 15 digits and looks like +49 151 23456789.")
        )
    return str(value)


def zone(value: Any, _form: Format) -> str:
    """A time zone of the IANA database."""
    if not is_zone(value):
        raise BadValueError(_("This is not a time zone."), _("It looks like Europe/Berlin."))
    return str(value)


def identifier(value: Any, _form: Format) -> str:
    """A user id or an anonymous id."""
    if isinstance(value, bool | list | dict | float):
        raise BadValueError(_("This is not an id."), _("An id is a text or a whole number."))
    found = str(value)
    if len(found) > MAX_IDENTIFIER:
        raise BadValueError(_("It is longer than %(n)s letters.") % {"n": MAX_IDENTIFIER}, _("Shorten it."))
    return found


Convert = Callable[[Any, Format], Any]
CONVERT: Final[dict[str, Convert]] = {
    "text": text,
    "number": number,
    "yes_no": yes_no,
    "date": day,
    "list": listed,
    "same": same,
    "email": email,
    "phone": phone,
    "timezone": zone,
    "identifier": identifier,
}
