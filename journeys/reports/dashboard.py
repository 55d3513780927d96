"""The dashboard: figures with their change, the chart over days, and tables by journey, channel and template."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from journeys.models import Journey, Node, Template
from journeys.registry import channels
from journeys.reports.period import Period
from journeys.reports.sums import NOTHING, RATES, STATEMENTS, TOLD, Counts, Sums, sums


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the top row. `change` is relative, or in percentage points where the figure is a rate."""

    key: str
    label: str
    count: int
    rate: float | None
    leads_with_rate: bool
    change: float | None
    in_points: bool
    good: bool | None  # None: neither good nor bad
    url: str
    by_people: float | None  # the rate without machines, where machines may do it
    of: int | None  # of how many messages the rate is, where that is not all that were delivered


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    name: str
    counts: Counts
    earlier: Counts
    url: str = ""
    icon: str = ""
    note: str = ""
    state: str = ""
    inside: int = 0
    inside_url: str = ""
    messages_url: str = ""
    bars: list["Bar"] = field(default_factory=list)

    @property
    def rates(self) -> dict[str, float | None]:
        """The usual rates of this line."""
        return self.counts.rates

    @property
    def sent_change(self) -> float | None:
        """Sent, against the period before, in percent."""
        then = self.earlier["sent"]
        return (self.counts["sent"] - then) / then * 100 if then else None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a small funnel, in the units of its drawing (100 wide, 28 high)."""

    label: str
    count: int
    x: int
    y: float
    height: float
    shade: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """What Home and the reports page show for one period."""

    period: Period
    figures: list[Figure]
    chart: dict[str, Any]
    days: list[tuple[str, Counts]]
    journeys: list[Row]
    channels: list[Row]
    templates: list[Row]

    @property
    def is_empty(self) -> bool:
        """Nothing happened in this period and nobody is inside."""
        return not any(row.counts.by_metric or row.inside for row in self.journeys) and not self.channels


def dashboard(period: Period, now: datetime) -> Dashboard:
    """Read everything in a constant number of statements."""
    read = sums(period)
    days = [(formats.date_format(day, "j M"), read.of("day", day.isoformat())) for day in period.dates]
    return Dashboard(
        period=period,
        figures=_figures(read, period),
        chart=_chart(read, period, now),
        days=days,
        journeys=_journeys(read, period),
        channels=_channels(read, period),
        templates=_templates(read, period),
    )


def messages_url(period: Period, **filters: str | int) -> str:
    """The page that lists the messages behind a number."""
    return f"{reverse('messages')}?{period.query}&{urlencode(filters)}"


def _figures(read: Sums, period: Period) -> list[Figure]:
    current, before = read.of("all"), read.earlier("all")

    def figure(key: str, label: str, *, share: bool = True, less_is_better: bool = False) -> Figure:
        whole = RATES.get(key, "") if share else ""
        rate = current.rate(key, whole) if whole else None
        earlier = before.rate(key, whole) if whole else None
        if whole:
            change = None if rate is None or earlier is None else (rate - earlier) * 100
        else:
            change = (current[key] - before[key]) / before[key] * 100 if before[key] else None
        shown = round(change, 1 if abs(change) < 10 else 0) if change is not None else None
        good = None if not shown else (shown > 0) != less_is_better
        url = reverse("reports") if key == "converted" else messages_url(period, what=key)
        lead = whole != "" and key != "converted"
        of = current[whole] if key in TOLD and current[whole] < current["delivered"] else None
        by_people = current.rates[f"human_{key}"] if f"human_{key}" in RATES and current[key] else None
        return Figure(key, label, current[key], rate, lead, shown, bool(whole), good, url, by_people, of)

    return [
        figure("sent", _("Messages sent")),
        figure("delivered", _("Delivered")),
        figure("opened", _("Opened")),
        figure("clicked", _("Clicked")),
        figure("converted", _("Converted"), share=False),
        figure("unsubscribed", _("Unsubscribed"), less_is_better=True),
    ]


def _chart(read: Sums, period: Period, now: datetime) -> dict[str, Any]:
    days = [read.of("day", day.isoformat()) for day in period.dates]
    before = [read.earlier("day", day.isoformat()) for day in period.before.dates]
    return {
        "labels": [formats.date_format(day, "j M") for day in period.dates],
        # The last day is still going on: it is drawn as what it is, unfinished.
        "unfinished": period.start <= now < period.end,
        "titles": [formats.date_format(day, "l, j F") for day in period.dates],
        "series": [
            {"name": _("sent"), "look": "area", "colour": "blue", "values": [c["sent"] for c in days]},
            {"name": _("opened"), "look": "line", "colour": "purple", "values": [c["opened"] for c in days]},
            {"name": _("clicked"), "look": "line", "colour": "teal", "values": [c["clicked"] for c in days]},
            {"name": _("sent before"), "look": "dashed", "colour": "grey", "values": [c["sent"] for c in before]},
        ],
    }


def _journeys(read: Sums, period: Period) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS["inside"])
        inside = dict(cursor.fetchall())
    rows = []
    for journey in Journey.objects.select_related("live"):
        key = str(journey.pk)
        counts = read.of("journey", key)
        if journey.state == Journey.State.ARCHIVED and not counts.by_metric and not inside.get(journey.pk):
            continue
        note = _("version %(number)s") % {"number": journey.live.number} if journey.live else _("not published yet")
        rows.append(
            Row(
                name=journey.name,
                counts=counts,
                earlier=read.earlier("journey", key),
                url=reverse("journey_report", args=[journey.pk]),
                note=note,
                state=journey.state,
                inside=inside.get(journey.pk, 0),
                inside_url=reverse("journey_people", args=[journey.pk]),
                messages_url=messages_url(period, journey=journey.pk, what="sent"),
                bars=funnel_bars(counts),
            )
        )
    return sorted(rows, key=lambda row: (-row.counts["sent"], -row.inside, row.name))


def funnel_bars(counts: Counts) -> list[Bar]:
    """Sent, delivered, opened, clicked and converted as five bars against the largest."""
    labels = (_("Sent"), _("Delivered"), _("Opened"), _("Clicked"), _("Converted"))
    values = [counts[metric] for metric in ("sent", "delivered", "opened", "clicked", "converted")]
    largest = max(values)
    if not largest:
        return []
    heights = [max(round(value / largest * 28, 1), 1.0) if value else 0.5 for value in values]
    return [
        Bar(label, value, n * 22, round(28 - height, 1), height, n)
        for n, (label, value, height) in enumerate(zip(labels, values, heights, strict=True))
    ]


def _channels(read: Sums, period: Period) -> list[Row]:
    known = channels()
    return [
        Row(
            name=str(known[kind].label) if kind in known else kind,
            icon=known[kind].icon if kind in known else "",
            counts=counts,
            earlier=read.earlier("channel", kind),
            url=messages_url(period, channel=kind),
        )
        for kind, counts in sorted(read.current.get("channel", {}).items(), key=lambda item: -item[1]["sent"])
        if kind
    ]


def _templates(read: Sums, period: Period) -> list[Row]:
    """Nodes that send name their template; nodes of many journeys and versions may share one."""
    by_node = {int(key): counts for key, counts in read.current.get("node", {}).items()}
    earlier = {int(key): counts for key, counts in read.before.get("node", {}).items()}
    of_node = {
        node.pk: node.template_id  # type: ignore[attr-defined]
        for node in Node.objects.filter(pk__in=by_node.keys() | earlier.keys())
        if getattr(node, "template_id", None)
    }
    totals: dict[int, tuple[Counts, Counts]] = {}
    for node, template in of_node.items():
        now, then = totals.get(template, (NOTHING, NOTHING))
        totals[template] = (now + by_node.get(node, NOTHING), then + earlier.get(node, NOTHING))
    known = channels()
    rows = []
    for template in Template.objects.filter(pk__in=totals).only("id", "name", "channel"):
        now, then = totals[template.pk]
        if now["sent"]:
            icon = known[template.channel].icon if template.channel in known else ""
            url = messages_url(period, template=template.pk)
            rows.append(Row(template.name, now, then, url, icon))
    return sorted(rows, key=lambda row: (-row.counts["sent"], row.name))
