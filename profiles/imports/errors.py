"""The rows that were not taken in, as a file like the one they came from, with what is wrong and what to do."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from omnichannel.jobs import files
from omnichannel.jobs.models import Job, StoredFile
from profiles.imports.formats import Format
from profiles.imports.people import Fault
from profiles.imports.plan import Plan
from profiles.imports.reading import Row
from profiles.models import FileImport


class ErrorFile:
    """Grows by every batch that has bad rows."""

    def __init__(self, job: Job, run: FileImport, form: Format, plan: Plan) -> None:
        self._job, self._run, self._form = job, run, form
        self._columns = [one.name for one in plan.columns]

    def add(self, batch: Sequence[Row], faults: Sequence[Fault], now: datetime) -> None:
        """Append these rows, in the transaction of their batch."""
        if not faults:
            return
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self._form.delimiter)
        stored = StoredFile.objects.filter(pk=self._job.cursor.get("errors_file")).first()
        if stored is None:
            name = _("Rows not taken in from %(name)s.csv") % {
                "name": self._run.name.rpartition(".")[0] or self._run.name
            }
            stored = files.create(name, "text/csv", now, job=self._job)
            self._job.cursor = {**self._job.cursor, "errors_file": stored.pk}
            text.write("\ufeff")
            told = [_("Row"), _("Column"), _("Value"), _("What is wrong"), _("What to do")]
            writer.writerow([*self._columns, *told])
        rows = {row.number: row for row in batch}
        for fault in faults:
            cells = [_text(cell) for cell in rows[fault.row].cells]
            cells = (cells + [""] * len(self._columns))[: max(len(self._columns), len(cells))]
            extra = cells[len(self._columns) :]  # a row with too many cells keeps them in its last column
            if extra:
                cells = [*cells[: len(self._columns) - 1], self._form.delimiter.join(cells[len(self._columns) - 1 :])]
            writer.writerow([*cells, fault.row, fault.column, fault.value, fault.reason, fault.needed])
        files.append(stored, text.getvalue().encode("utf-8", "replace"))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)
