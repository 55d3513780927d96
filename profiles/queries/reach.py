"""How somebody can be reached, channel by channel, and why not where they cannot. The order is that of the delivery."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omnichannel.shared import sql
from profiles.ingest.guard import address_of, blocked_addresses
from profiles.models import Identity, Profile, Suppression, Topic
from profiles.queries import origins

SQL = sql.load(Path(__file__).parent.parent / "sql" / "person.sql")
BLOCKED: Final[Mapping[str, str | Promise]] = {
    "by hand": gettext_lazy("blocked by hand"),
    "complained": gettext_lazy("complained"),
    "bounced": gettext_lazy("bounced"),
    "erased": gettext_lazy("blocked since the person was erased"),
    "nobody": gettext_lazy("names nobody"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """A channel: where its address is found and what it is called."""

    channel: str
    address_kind: str
    label: str | Promise
    icon: str


@dataclass(frozen=True, slots=True)
class Said:
    """One word on one topic for one channel (empty: for all). `words` are all of it: "No by SMS, on the page"."""

    subscribed: bool
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What holds for one topic on one channel; `said` is None where only the topic's default speaks."""

    channel: str
    label: str | Promise
    subscribed: bool
    said: Said | None


@dataclass(frozen=True, slots=True)
class TopicAnswers:
    """One topic, what holds on each channel, and what was said, the latest first."""

    topic: Topic
    answers: Sequence[Answer]
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Reach:
    """One way to somebody. `why_not` is empty where they can be reached; `except_for` names topics they left."""

    way: Way
    address: str
    why_not: str = ""
    except_for: str = ""


_ways: list[Callable[[], Sequence[Way]]] = []


def register(ways: Callable[[], Sequence[Way]]) -> None:
    """Whoever sends tells what channels there are. Twice is once."""
    if ways not in _ways:
        _ways.append(ways)


def ways() -> list[Way]:
    """Every channel there is."""
    return [way for told in _ways for way in told()]


def answers(profile: Profile) -> list[TopicAnswers]:
    """What holds for each topic on each channel: the latest word, said for the channel or for all, else the default."""
    known = ways()
    words = _said(profile, known)
    return [
        TopicAnswers(
            topic,
            [_answer(topic, way, words) for way in known],
            sorted((one for (pk, _way), one in words.items() if pk == topic.pk), key=lambda one: one.at, reverse=True),
        )
        for topic in Topic.objects.all()
    ]


def _said(profile: Profile, known: Sequence[Way]) -> dict[tuple[int, str], Said]:
    with connection.cursor() as cursor:
        cursor.execute(SQL["said"], {"profile": profile.pk})
        rows = cursor.fetchall()
    sources = origins.in_words({row[3] for row in rows})
    labels = {way.channel: str(way.label) for way in known}
    words = {}
    for topic, channel, subscribed, source, at in rows:
        word = _("Yes") if subscribed else _("No")
        by = _("%(word)s by %(channel)s") % {"word": word, "channel": labels.get(channel, channel)} if channel else word
        words[topic, channel] = Said(subscribed, at, ", ".join(part for part in (by, sources[source]) if part))
    return words


def _answer(topic: Topic, way: Way, words: Mapping[tuple[int, str], Said]) -> Answer:
    told = [one for channel in (way.channel, "") if (one := words.get((topic.pk, channel)))]
    # As the delivery reads it: of two words of one moment the no counts.
    said = max(told, key=lambda one: (one.at, not one.subscribed)) if told else None
    return Answer(way.channel, way.label, said.subscribed if said else topic.default_subscribed, said)


def reach(profile: Profile, identities: Sequence[Identity], topics: Sequence[TopicAnswers]) -> list[Reach]:
    """Each channel, in one statement more."""
    found = [(way, _address(profile, identities, way.address_kind)) for way in ways()]
    blocked = _blocked(found)
    return [_one(way, address, blocked, topics) for way, address in found]


def _address(profile: Profile, identities: Sequence[Identity], kind: str) -> str:
    told: Any = profile.attributes.get(kind)
    return str(told) if told else next((one.value for one in identities if one.kind == kind), "")


def _normal(kind: str, address: str) -> str:
    found = address_of(kind, address)
    return found.value if found else address.lower()


def _blocked(found: Sequence[tuple[Way, str]]) -> dict[tuple[str, str], str]:
    spellings: dict[str, str] = {}
    for way, address in found:
        if address:
            normal = _normal(way.address_kind, address)
            spellings |= dict.fromkeys((normal, *blocked_addresses(way.address_kind, normal)), normal)
    rows = Suppression.objects.filter(address__in=spellings) if spellings else Suppression.objects.none()
    told = sorted(
        rows, key=lambda one: one.address == spellings[one.address]
    )  # what is known of the address itself wins
    return {(one.kind, spellings[one.address]): one.reason for one in told}


def _one(way: Way, address: str, blocked: Mapping[tuple[str, str], str], topics: Sequence[TopicAnswers]) -> Reach:
    if not address:
        return Reach(way, "", _("no address"))
    reason = blocked.get((way.address_kind, _normal(way.address_kind, address)))
    if reason is not None:
        return Reach(way, address, str(BLOCKED.get(reason, _("blocked"))))
    asked = [(one.topic, a) for one in topics if not one.topic.transactional for a in one.answers]
    mine = [(topic, answer) for topic, answer in asked if answer.channel == way.channel]
    left = [(topic, answer) for topic, answer in mine if not answer.subscribed]
    if mine and len(left) == len(mine):
        said = any(answer.said for _topic, answer in left)
        return Reach(way, address, _("unsubscribed") if said else _("has not agreed yet"))
    return Reach(way, address, except_for=", ".join(topic.name for topic, _answer in left))
