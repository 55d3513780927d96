"""What the columns of a file probably are: by their names in some languages, else by what stands in them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from profiles.imports.formats import Format
from profiles.imports.plan import KEYS, KNOWN, Column, Plan
from profiles.imports.reading import Row
from profiles.imports.values import NO, YES, BadValueError, day, number
from profiles.ingest.attributes import email_identity, is_zone, phone_identity, snake

NAMES: Final[Mapping[str, str]] = {
    alias: target
    for target, aliases in {
        "user_id": "user_id userid customer_id customerid client_id external_id member_id kundennummer id uid",
        "anonymous_id": "anonymous_id anonymousid visitor_id device_id cookie_id",
        "email": "email e_mail mail email_address e_mail_address emailaddress e_mail_adresse correo почта",
        "phone": "phone phone_number phonenumber mobile mobile_phone tel telephone cell telefon handy телефон",
        "first_name": "first_name firstname given_name forename vorname prenom имя",
        "last_name": "last_name lastname family_name surname nachname nom фамилия",
        "name": "name full_name fullname display_name",
        "timezone": "timezone time_zone tz zeitzone",
        "language": "language lang locale sprache язык",
        "country": "country country_code land pays страна",
        "city": "city town stadt ville ort город",
    }.items()
    for alias in aliases.split()
}
CONSENT: Final = ("subscribed", "newsletter", "opt_in", "optin", "consent", "marketing")
ENOUGH: Final = 0.8  # of the values that are there


def guess(names: Sequence[str], rows: Sequence[Row], form: Format, topics: Mapping[str, str]) -> Plan:
    """A plan to begin with. `topics`: {slug: name}."""
    taken: set[tuple[str, str]] = set()
    columns = []
    for place, name in enumerate(names):
        values = [row.cells[place] for row in rows if not row.error and place < len(row.cells)]
        column = _column(name, [one for one in values if one not in ("", None)], form, topics)
        if column.target in taken:
            column = Column(name)
        if column.to != "ignore":
            taken.add(column.target)
        columns.append(column)
    keys = [key for key in KEYS if any(one.to == key for one in columns)]
    return Plan(columns, keys=keys[:1])


def _column(name: str, values: Sequence[Any], form: Format, topics: Mapping[str, str]) -> Column:
    word = snake(name)
    known = NAMES.get(word, "")
    if known in KEYS and _fits(known, values):
        return Column(name, known)
    if known in KNOWN and (known != "timezone" or _fits(known, values)):
        return Column(name, "attribute", known)
    looks = next((key for key in ("email", "timezone") if values and _fits(key, values)), "")
    if looks == "email":
        return Column(name, looks)
    if looks:
        return Column(name, "attribute", looks)
    topic = next((slug for slug, title in topics.items() if word in (snake(slug), snake(title))), "")
    if not topic and len(topics) == 1 and any(part in word for part in CONSENT):
        topic = next(iter(topics))
    if topic and _share(values, lambda one: str(one).strip().lower() in YES | NO) >= ENOUGH:
        return Column(name, "consent", topic=topic)
    if not word or not values:
        return Column(name)
    return Column(name, "attribute", word, kind(values, form))


def kind(values: Sequence[Any], form: Format) -> str:
    """The type that nearly all values have."""
    if any(isinstance(one, dict) for one in values):
        return "same"
    if all(isinstance(one, list) for one in values):
        return "list"
    texts = [str(one).strip() for one in values]
    if _share(texts, lambda one: one.lower() in YES | NO) == 1 and set(map(str.lower, texts)) - {"0", "1", "-"}:
        return "yes_no"
    if _share(texts, lambda one: _becomes(number, one, form) and not _is_code(one)) >= ENOUGH:
        return "number"
    if _share(texts, lambda one: _becomes(day, one, form)) >= ENOUGH:
        return "date"
    if _share(texts, lambda one: one.startswith("[") or one.count(";") + one.count("|") > 0) >= ENOUGH:
        return "list"
    return "text"


def _is_code(text: str) -> bool:
    """A postal code or a card number is no number: zeros at its start and its many digits count."""
    return (len(text) > 1 and text.startswith("0") and text.isdecimal()) or len(text) > 15


def _becomes(convert: Callable[[Any, Format], Any], value: Any, form: Format) -> bool:
    try:
        convert(value, form)
    except BadValueError:
        return False
    return True


def _fits(target: str, values: Sequence[Any]) -> bool:
    """Whether what stands there can be that; an empty column can be anything."""
    tests: dict[str, Callable[[Any], object]] = {
        "email": lambda one: email_identity(one) and "." in str(one).rpartition("@")[2],
        "phone": phone_identity,
        "timezone": is_zone,
    }
    return target not in tests or not values or _share(values, tests[target]) >= ENOUGH


def _share(values: Sequence[Any], test: Callable[[Any], object]) -> float:
    return sum(1 for one in values if test(one)) / len(values) if values else 0.0
