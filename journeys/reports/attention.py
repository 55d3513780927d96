"""What needs a look: sentences about things that a marketer should mend, each with the page to do it on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from django.db import connection
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from journeys.models import Braked, Journey, ProviderAccount, Tally
from journeys.registry import channels
from journeys.reports.sums import STATEMENTS
from profiles.models import Segment

RECENT: Final = timedelta(days=7)
LATE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Notice:
    """`title` is bold, `text` follows it, `action` is the words of the link."""

    level: Literal["red", "yellow", "blue"]
    icon: str
    title: str
    text: str
    action: str
    url: str


def notices(now: datetime) -> list[Notice]:
    """The worst first. A constant number of statements."""
    since = now - RECENT
    found = [
        *_silent_accounts(),
        *_refused_or_unknown(since),
        *_broken_segments(),
        *_failed_people(since),
        *_sent_round(since),
        *_late_messages(now - LATE),
    ]
    return sorted(found, key=lambda notice: ("red", "yellow", "blue").index(notice.level))


def _refused_or_unknown(since: datetime) -> list[Notice]:
    found = []
    for state, kind, count, reason in _rows("trouble", since=since):
        url = f"{reverse('messages')}?days=7&state={state}&channel={kind}"
        shown, channel = formats.number_format(count), _label(kind)
        if state == "failed":
            title = ngettext("%(n)s %(channel)s failed.", "%(n)s %(channel)s messages failed.", count)
            text = _("Mostly: %(reason)s") % {"reason": reason} if reason else _("The provider refused them.")
            found.append(
                Notice("red", "mail-x", title % {"n": shown, "channel": channel}, text, _("Look"), url),
            )
        else:
            title = ngettext("%(n)s %(channel)s may not have left.", "%(n)s %(channel)s may not have left.", count)
            text = _("A stop in the middle of sending: the provider may or may not have them.")
            found.append(
                Notice("yellow", "mail-question", title % {"n": shown, "channel": channel}, text, _("Look"), url)
            )
    return found


def _silent_accounts() -> list[Notice]:
    """Providers that did not take the last message, while they carry a channel."""
    down = ProviderAccount.objects.filter(is_default=True, enabled=True).exclude(error="").order_by("channel")
    return [
        Notice(
            "red",
            "plug-connected-x",
            _("%(account)s does not take %(channel)s messages.")
            % {"account": row.name, "channel": _label(row.channel)},
            _("%(why)s Messages wait, none is lost.") % {"why": row.error.rstrip(".") + "."},
            _("Channels"),
            reverse("channels"),
        )
        for row in down
    ]


def _broken_segments() -> list[Notice]:
    broken = Segment.objects.filter(state=Segment.State.BROKEN).only("id", "name", "error")[:5]
    return [
        Notice(
            "red",
            "users-group",
            _("Segment “%(name)s” matches nobody.") % {"name": segment.name},
            segment.error or _("Its conditions cannot be understood."),
            _("Repair"),
            reverse("segment", args=[segment.pk]),
        )
        for segment in broken
    ]


def _failed_people(since: datetime) -> list[Notice]:
    failed = dict(
        Tally.objects.filter(metric="failed", quarter__gte=since)
        .values_list("journey_id")
        .annotate(total=Sum("count"))
        .order_by("-total")[:5]
    )
    names = dict(Journey.objects.filter(pk__in=failed).values_list("id", "name"))
    found = []
    for journey, count in failed.items():
        title = ngettext(
            "%(n)s person could not go on in “%(journey)s”.", "%(n)s people could not go on in “%(journey)s”.", count
        )
        words = {"n": formats.number_format(count), "journey": names.get(journey, "")}
        url = f"{reverse('journey_people', args=[journey])}?state=failed"
        found.append(
            Notice("red", "alert-triangle", title % words, _("The rest go on as drawn."), _("See who and why"), url)
        )
    return found


def _sent_round(since: datetime) -> list[Notice]:
    """Journeys whose chains had to be stopped."""
    stopped = dict(Braked.objects.filter(at__gte=since).values_list("journey_id").annotate(n=Count("id"))[:5])
    found = []
    for journey in Journey.objects.filter(pk__in=stopped).exclude(state=Journey.State.ARCHIVED):
        count = stopped[journey.pk]
        title = ngettext(
            "%(n)s person was sent into “%(journey)s” again and again.",
            "%(n)s people were sent into “%(journey)s” again and again.",
            count,
        )
        words = {"n": formats.number_format(count), "journey": journey.name}
        text = _("Journeys start each other in a circle. They were stopped.")
        url = reverse("journey", args=[journey.pk])
        found.append(Notice("red", "refresh-alert", title % words, text, _("See the problem"), url))
    return found


def _late_messages(since: datetime) -> list[Notice]:
    found = []
    for kind, count, _oldest in _rows("waiting", since=since):
        title = ngettext("%(n)s %(channel)s waits.", "%(n)s %(channel)s messages wait.", count)
        words = {"n": formats.number_format(count), "channel": _label(kind)}
        text = _("They should have left more than 15 minutes ago. None is lost.")
        found.append(Notice("yellow", "alert-triangle", title % words, text, _("Channels"), reverse("channels")))
    return found


def _label(kind: str) -> str:
    known = channels()
    return str(known[kind].label) if kind in known else kind


def _rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[statement], parameters)
        return cursor.fetchall()
