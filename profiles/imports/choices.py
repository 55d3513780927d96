"""What the page of choices shows: columns with examples, the first rows as they will be stored, what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from omnichannel.accounts.models import User
from omnichannel.jobs import files
from profiles.imports import outcome
from profiles.imports.formats import DATES, DECIMALS, DELIMITERS, ENCODINGS, Format
from profiles.imports.people import Fault, Maker, shown
from profiles.imports.plan import EXISTING, GONE, KEYS, KNOWN, Column, Plan, problems
from profiles.imports.reading import Row, first_rows
from profiles.imports.values import TYPES
from profiles.models import FileImport, PeopleList, Topic

PREVIEW: Final = 6
SAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One line of the table of columns: the column, what stands in it, what is chosen."""

    place: int
    column: Column
    samples: Sequence[str]
    chosen: str
    own: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One row as it will be stored, or why not."""

    number: int
    values: Sequence[tuple[str, Any]]
    fault: Fault | None = None


def mapping(run: FileImport, reader: User) -> Mapping[str, Any]:
    """Everything the page of choices shows, and what the last check said."""
    form, plan = msgspec.convert(run.form, Format), msgspec.convert(run.plan, Plan)
    rows: list[Row] = []
    if run.file is not None:
        with files.open(run.file) as file:
            _columns, rows = first_rows(file, form, PREVIEW)
    mapped = {one.to for one in plan.columns}
    found = problems(plan) if run.file is not None else [str(GONE)]
    return {
        "run": run,
        "form": form,
        "plan": plan,
        "columns": [_column(place, one, rows) for place, one in enumerate(plan.columns)],
        "preview": [] if found else _preview(rows, plan, form),
        "problems": found,
        "keys": [(key, label, key in plan.keys) for key, label in KEYS.items() if key in mapped],
        "key_choices": KEYS.items(),
        "known": KNOWN.items(),
        "types": [(name, label) for name, label in TYPES.items() if name != "same" or form.kind != "csv"],
        "existing": EXISTING.items(),
        "topics": Topic.objects.filter(transactional=False),
        "lists": PeopleList.objects.all(),
        "encodings": ENCODINGS.items(),
        "delimiters": DELIMITERS.items(),
        "decimals": DECIMALS.items(),
        "dates": DATES.items(),
        "new_list": plan.new_list.strip(),
        "about": _about(run, form),
        **outcome.checked(run, reader),
    }


def _about(run: FileImport, form: Format) -> int:
    """About how many rows there are; 0 where nobody knows before they are read."""
    return max(run.lines - (form.header and form.kind == "csv"), 0) if form.kind != "json" else 0


def _column(place: int, column: Column, rows: Sequence[Row]) -> ColumnRow:
    cells = [row.cells[place] for row in rows if not row.error and place < len(row.cells)]
    samples = [str(cell)[:40] for cell in dict.fromkeys(map(str, (c for c in cells if c not in ("", None))))][:SAMPLES]
    own = column.to == "attribute" and column.attribute not in KNOWN
    chosen = column.to
    if column.to == "attribute":
        chosen = "attribute:" if own else f"attribute:{column.attribute}"
    elif column.to == "consent":
        chosen = f"consent:{column.topic}"
    return ColumnRow(place, column, samples, chosen, own)


def _preview(rows: Sequence[Row], plan: Plan, form: Format) -> list[Shown]:
    maker = Maker(plan, form, dict(Topic.objects.values_list("slug", "pk")))
    found = []
    for row in rows:
        made = maker.make(row)
        if isinstance(made, Fault):
            found.append(Shown(row.number, (), made))
        else:
            found.append(Shown(row.number, shown(made)))
    return found
