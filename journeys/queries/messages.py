"""The messages behind a number: filtered, newest first, in pages that stay quick however many there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from journeys.delivery.reasons import in_words
from journeys.models import Journey, Message, Template
from journeys.registry import channels
from profiles.models import Profile

PAGE: Final = 50
# What can be asked about a message, and the moment that answers it.
MOMENTS: Final = {
    "sent": "sent_at",
    "delivered": "delivered_at",
    "opened": "opened_at",
    "clicked": "clicked_at",
    "human_opened": "human_opened_at",
    "human_clicked": "human_clicked_at",
    "replied": "replied_at",
    "bounced": "bounced_at",
    "complained": "complained_at",
    "unsubscribed": "unsubscribed_at",
}
COLOURS: Final = {"sent": "green", "failed": "red", "unknown": "yellow", "skipped": "secondary", "pending": "azure"}


@dataclass(frozen=True, slots=True)
class Line:
    """One message with the names of what it belongs to."""

    message: Message
    person: str
    template: str
    journey: str
    icon: str
    state: str
    colour: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages; `last` is where the next page goes on, None at the end."""

    lines: list[Line]
    last: int | None


@dataclass(frozen=True, slots=True)
class Filters:
    """Which messages. `what` is a key of MOMENTS: it happened between `start` and `end`; else the creation counts."""

    start: datetime | None = None
    end: datetime | None = None
    what: str = ""
    state: str = ""
    channel: str = ""
    journey: int | None = None
    template: int | None = None
    profile: int | None = None
    before: int | None = None


def messages(filters: Filters) -> QuerySet[Message]:
    """The messages that fit, newest first."""
    found = Message.objects.order_by("-id")
    moment = MOMENTS.get(filters.what, "created_at")
    equal = {
        "state": filters.state,
        "channel": filters.channel,
        "journey_id": filters.journey,
        "template_id": filters.template,
        "profile_id": filters.profile,
        f"{moment}__gte": filters.start,
        f"{moment}__lt": filters.end,
        "id__lt": filters.before,
    }
    found = found.filter(**{name: value for name, value in equal.items() if value not in (None, "")})
    return found.filter(**{f"{moment}__isnull": False}) if filters.what else found


def message_page(filters: Filters) -> Page:
    """One page of them, with names, in four statements."""
    found = list(messages(filters)[: PAGE + 1])
    shown = found[:PAGE]
    people = Profile.objects.in_bulk({message.profile_id for message in shown})
    templates = dict(Template.objects.filter(pk__in={m.template_id for m in shown}).values_list("id", "name"))
    journeys = dict(Journey.objects.filter(pk__in={m.journey_id for m in shown}).values_list("id", "name"))
    known = channels()
    lines = [
        Line(
            message=message,
            person=people[message.profile_id].display_name if message.profile_id in people else message.address,
            template=templates.get(message.template_id, ""),
            journey=journeys.get(message.journey_id or 0, ""),
            icon=known[message.channel].icon if message.channel in known else "send",
            state=str(Message.State(message.state).label),
            colour=COLOURS.get(message.state, "secondary"),
            reason=in_words(message.reason),
            at=message.sent_at or message.created_at,
        )
        for message in shown
    ]
    return Page(lines, shown[-1].pk if len(found) > PAGE else None)
