"""A row of the file becomes what is said of one person, or the reason why it cannot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from profiles.imports.formats import Format
from profiles.imports.plan import KEYS, KNOWN, Column, Plan
from profiles.imports.reading import Row
from profiles.imports.values import CONVERT, BadValueError, given, yes_no
from profiles.ingest.attributes import snake
from profiles.ingest.bring import Newcomer

SHOWN: Final = 200  # letters of a value


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not brought in: the column and value it is about, and what to do."""

    row: int
    column: str
    value: str
    reason: str
    needed: str


@dataclass(frozen=True, slots=True)
class _Cell:
    """What becomes of one column."""

    place: int
    column: Column
    name: str
    convert: Callable[[Any, Format], Any]


class Maker:
    """Makes people of rows, the same way for the preview, the check and the import."""

    def __init__(self, plan: Plan, form: Format, topics: Mapping[str, int]) -> None:
        self._form = form
        self._keys = plan.keys
        self._cells = [_cell(place, one) for place, one in enumerate(plan.columns) if one.to != "ignore"]
        self._topics = topics
        self._everybody = [(topics[plan.topic], True)] if plan.topic else []

    def make(self, row: Row) -> Newcomer | Fault:
        """The person of this row."""
        if row.error:
            needed = _("Correct the row in the file, and bring it in again.")
            return Fault(row.number, "", _told(row.cells[0] if row.cells else None), row.error, needed)
        person = Newcomer(row.number, said=list(self._everybody))
        for cell in self._cells:
            value = row.cells[cell.place]
            try:
                value = given(value)
                if value is not None:
                    self._put(person, cell, cell.convert(value, self._form))
            except BadValueError as bad:
                return Fault(row.number, cell.column.name, _told(row.cells[cell.place]), str(bad), bad.needed)
        if not person.keys:
            return self._nobody(row)
        return person

    def _put(self, person: Newcomer, cell: _Cell, value: Any) -> None:
        to = cell.column.to
        if to == "attribute":
            person.attributes[cell.name] = value
        elif to == "consent":
            topic = self._topics[cell.column.topic]
            person.said = [one for one in person.said if one[0] != topic] + [(topic, value)]
        else:
            (person.keys if to in self._keys else person.contacts)[to] = value

    def blocked(self, person: Newcomer) -> Fault:
        """What it is recognised by is what people give who do not want to say."""
        names = ", ".join(cell.column.name for cell in self._cells if cell.column.to in person.keys)
        reason = _("Nothing says who this is: this value names nobody.")
        needed = _("Fill in the person's own, or recognise people by something else.")
        return Fault(person.row, names, ", ".join(person.keys.values())[:200], reason, needed)

    def erased(self, person: Newcomer) -> Fault:
        """Somebody was erased on request, and a file is not their own word."""
        reason = _("This person was erased and does not come back by a file.")
        return Fault(person.row, "", "", reason, _("They are known again once they sign up themselves."))

    def unknown(self, person: Newcomer) -> Fault:
        """The database refused it."""
        reason = _("A value of this row cannot be stored.")
        return Fault(person.row, "", "", reason, _("Look for unusual signs in the row, and remove them."))

    def _nobody(self, row: Row) -> Fault:
        """Nothing says who it is."""
        names = [cell.column.name for cell in self._cells if cell.column.to in self._keys]
        kinds = ", ".join(str(KEYS[key]) for key in self._keys)
        reason = _("Nothing says who this is: %(kinds)s is empty.") % {"kinds": kinds}
        return Fault(row.number, ", ".join(names), "", reason, _("Fill it in, or recognise people by something else."))


def _cell(place: int, column: Column) -> _Cell:
    if column.to == "consent":
        return _Cell(place, column, "", yes_no)
    if column.to == "attribute":
        name = snake(column.attribute)
        return _Cell(place, column, name, CONVERT["timezone" if name == "timezone" else column.type])
    return _Cell(place, column, column.to, CONVERT.get(column.to, CONVERT["identifier"]))


def _told(cell: Any) -> str:
    """A cell as it can be shown and stored, whatever it holds."""
    text = "" if cell is None else str(cell)[:SHOWN]
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def shown(person: Newcomer) -> Sequence[tuple[str, Any]]:
    """What is stored of a person, for the eye: (name, value)."""
    told = [*person.keys.items(), *person.contacts.items(), *person.attributes.items()]
    return [(str(KEYS.get(name) or KNOWN.get(name) or name), value) for name, value in told]
