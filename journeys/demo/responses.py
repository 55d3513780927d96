"""How the demo shop's customers answer messages: each message has its fate from the start, drawn from its id.

Their mail programs answer too: some load every picture on arrival, and a few employers follow every link first.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from journeys.contracts.provider import Receipt
from journeys.demo.behaviour import Deed, visit
from journeys.demo.catalogue import SHOP_URL
from journeys.demo.people import Person
from journeys.models import Message
from omnichannel.shared.bucket import bucket

# After so long nobody answers any more.
PATIENCE: Final = timedelta(days=4)
LANDING: Final = ("/new", "/cart", "/journal/three-tours", "/p/B-201", "/p/S-301")
# Of a hundred customers, how many read mail with a program that loads pictures for everybody, and how many behind a
# scanner that follows all links.
PRIVATE: Final = 26
SCANNED: Final = 4
REPLIES: Final = 0.07  # the share of text messages that somebody answers


@dataclass(frozen=True, slots=True)
class Fate:
    """When the person does what about one message; None: never."""

    opens: datetime | None = None
    clicks: datetime | None = None
    leaves: datetime | None = None
    complains: datetime | None = None
    replies: datetime | None = None
    link: str = ""


def fate(message: Message, person: Person) -> Fate:
    """Always the same for the same message."""
    if message.sent_at is None:
        return Fate()
    rng = random.Random(message.pk * 7919 + 17)  # noqa: S311 - simulation, not security
    if message.channel == "sms" and rng.random() < REPLIES:
        return Fate(replies=message.sent_at + timedelta(minutes=rng.randrange(1, 240)))
    if message.channel != "email" or rng.random() >= person.habit.opens:
        return Fate()
    opens = message.sent_at + min(timedelta(minutes=rng.lognormvariate(4.4, 1.4)), PATIENCE - timedelta(hours=12))
    odds = rng.random()
    if odds < 0.0012:
        return Fate(opens, complains=opens + timedelta(minutes=1))
    if odds < 0.008:
        return Fate(opens, leaves=opens + timedelta(seconds=rng.randrange(20, 300)))
    if rng.random() < person.habit.clicks / person.habit.opens:
        clicks = opens + timedelta(seconds=rng.randrange(8, 900))
        return Fate(opens, clicks, link=SHOP_URL + rng.choice(LANDING))
    return Fate(opens)


def receipts(message: Message, its: Fate, person: Person) -> list[Receipt]:
    """What will come back about the message, besides what is written on it already."""
    found = [
        ("opened", its.opens, message.human_opened_at, ""),
        ("clicked", its.clicks, message.human_clicked_at, its.link),
        ("unsubscribed", its.leaves, message.unsubscribed_at, ""),
        ("complained", its.complains, message.complained_at, ""),
        ("replied", its.replies, message.replied_at, ""),
    ]
    theirs = [
        Receipt(kind=kind, at=at, message_id=message.pk, detail=detail)  # type: ignore[arg-type]
        for kind, at, known, detail in found
        if at is not None and known is None
    ]
    return [*_by_machines(message, person), *theirs]


def _by_machines(message: Message, person: Person) -> Iterator[Receipt]:
    """What the customer's mail program, or a scanner in front of it, does with every message. Within five minutes."""
    if message.channel != "email" or message.sent_at is None or message.opened_at is not None:
        return
    ticket = bucket("mail program", person.number, 100)
    at = message.sent_at + timedelta(seconds=5 + bucket("loads", message.pk, 290))
    if ticket < PRIVATE:
        yield Receipt(kind="opened", at=at, message_id=message.pk, machine="privacy")
    elif ticket < PRIVATE + SCANNED:
        for n, path in enumerate(LANDING):
            moment = at + timedelta(milliseconds=200 * n)
            yield Receipt(kind="clicked", at=moment, message_id=message.pk, detail=SHOP_URL + path, machine="links")


def visits_after(answers: Iterable[Receipt], owner: Callable[[int], Person], rng: random.Random) -> list[Deed]:
    """Who clicks lands in the shop, and buys more often than others."""
    deeds: list[Deed] = []
    for receipt in answers:
        if receipt.kind == "clicked" and receipt.message_id is not None and not receipt.machine:
            person = owner(receipt.message_id)
            deeds += visit(person, receipt.at + timedelta(seconds=4), rng, eager=1.6, source="Newsletter")
    return deeds


def awaiting(now: datetime) -> Iterable[Message]:
    """Messages that somebody may still answer."""
    sent = Message.objects.filter(state=Message.State.SENT, sent_at__gt=now - PATIENCE, enrollment_id__isnull=False)
    mails = Q(channel="email", human_clicked_at=None, unsubscribed_at=None, complained_at=None)
    return sent.filter(mails | Q(channel="sms", replied_at=None)).order_by("id")
