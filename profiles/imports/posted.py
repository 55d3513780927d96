"""The choices of the page, out of its form."""

from collections.abc import Mapping

import msgspec

from omnichannel.shared.numbers import number
from profiles.imports.formats import DATES, DECIMALS, DELIMITERS, ENCODINGS, Format
from profiles.imports.plan import EXISTING, KEYS, KNOWN, Column, Plan
from profiles.imports.values import TYPES


def form_of(posted: Mapping[str, str], before: Format) -> Format:
    """How the file is to be read; what is not a choice stays as it was."""
    chosen = {
        name: posted[name]
        for name, choices in (
            ("encoding", ENCODINGS),
            ("delimiter", DELIMITERS),
            ("decimal", DECIMALS),
            ("dates", DATES),
        )
        if posted.get(name) in choices
    }
    header = posted.get("header") == "yes" if before.kind == "csv" else before.header
    return msgspec.structs.replace(before, **chosen, header=header)


def plan_of(posted: Mapping[str, str], before: Plan, keys: list[str]) -> Plan:
    """What is to be done; columns that are not in the form stay as they were."""
    columns = [_column(place, one, posted) for place, one in enumerate(before.columns)]
    mapped = {one.to for one in columns}
    kept = [key for key in KEYS if key in keys and key in mapped]
    existing = posted.get("existing", "")
    return Plan(
        columns=columns,
        keys=kept or [key for key in KEYS if key in mapped][:1],
        existing=existing if existing in EXISTING else before.existing,  # type: ignore[arg-type]
        topic=posted.get("subscribe", before.topic),
        list_id=number(posted.get("list")),
        quiet="quiet" in posted,
        new_list=(posted.get("new_list", "").strip()[:120] or " ") if posted.get("list") == "new" else "",
    )


def _column(place: int, before: Column, posted: Mapping[str, str]) -> Column:
    chosen = posted.get(f"to-{place}")
    if chosen is None:
        return before
    to, _colon, name = chosen.partition(":")
    if to == "consent":
        return Column(before.name, to, topic=name)
    if to == "attribute" and name in KNOWN:
        return Column(before.name, to, name)
    if to == "attribute":
        own = posted.get(f"attribute-{place}")
        if own is None:  # just chosen: begin with the column's own name
            own = before.attribute if before.to == "attribute" and before.attribute not in KNOWN else before.name
        kind = posted.get(f"type-{place}", before.type)
        return Column(before.name, to, own.strip(), kind if kind in TYPES else "text")
    return Column(before.name, to if to in KEYS else "ignore")
