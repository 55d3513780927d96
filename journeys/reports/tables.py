"""The tables of the reports as rows for a file."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from journeys.reports.dashboard import Dashboard
from journeys.reports.funnel import Funnel
from journeys.reports.sums import METRICS, Counts

TITLES: Final = {
    "days": _("By day"),
    "journeys": _("By journey"),
    "channels": _("By channel"),
    "templates": _("By template"),
}
# A spreadsheet would run a cell that starts like this as a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def rows(table: str, report: Dashboard) -> list[list[str]]:
    """The heading and the lines of one table."""
    if table == "days":
        days = zip(report.period.dates, report.days, strict=True)
        return _numbers("day", ((day.isoformat(), counts) for day, (_label, counts) in days))
    lines = {"journeys": report.journeys, "channels": report.channels, "templates": report.templates}[table]
    return _numbers(table.removesuffix("s"), ((row.name, row.counts) for row in lines))


def funnel_rows(read: Funnel) -> list[list[str]]:
    """People by stage, then what happened at each step."""
    stages = [[stage.label, str(stage.count)] for stage in read.stages]
    metrics = ("entered", "left", "sent", "delivered", "opened", "clicked")
    steps = [
        [str(row.node), *("" if m in row.untracked else str(row.counts[m]) for m in metrics), str(row.here)]
        for row in read.nodes
    ]
    return [["stage", "people"], *stages, [], ["step", *metrics, "here_now"], *steps]


def as_csv(lines: Iterable[list[str]]) -> str:
    """The text of the file."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in lines:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in line])
    return out.getvalue()


def _numbers(first: str, lines: Iterable[tuple[str, Counts]]) -> list[list[str]]:
    return [[first, *METRICS], *([name, *(str(counts[metric]) for metric in METRICS)] for name, counts in lines)]
