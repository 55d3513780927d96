"""A question about our messages to somebody: was sent, opened, clicked … a template, journey or channel."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple, Self

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journeys.models import Journey, Template
from omnichannel.shared import sql as statements
from profiles.segments import windows
from profiles.segments.counts import ONCE, Count, count_words, read_count
from profiles.segments.fragment import Fragment, join, sql
from profiles.segments.history import EVER, History, aged, earliest, load, stretch, times, within_sql
from profiles.segments.kind import Edge, Kind, People, register
from profiles.segments.reading import at, flag, ident, one_of, only, text
from profiles.segments.sets import NOBODY, Answer, Set

SQL: Final = statements.load(Path(__file__).parent.parent / "sql" / "conditions.sql")
# What happened: the column with its first time, and the event that tells of it.
COLUMNS: Final = {
    "sent": ("sent_at", ""),
    "delivered": ("delivered_at", "Message Delivered"),
    "opened": ("opened_at", "Message Opened"),
    "clicked": ("clicked_at", "Message Clicked"),
    "human_opened": ("human_opened_at", "Message Opened"),
    "human_clicked": ("human_clicked_at", "Message Clicked"),
    "not_opened": ("sent_at", "Message Opened"),
    "replied": ("replied_at", "Message Replied"),
    "bounced": ("bounced_at", "Message Bounced"),
    "complained": ("complained_at", "Message Complained"),
    "unsubscribed": ("unsubscribed_at", "Message Unsubscribed"),
}
LABELS: Final[dict[str, str | Promise]] = {
    "sent": gettext_lazy("were sent"),
    "delivered": gettext_lazy("received"),
    "opened": gettext_lazy("opened"),
    "clicked": gettext_lazy("clicked in"),
    "human_opened": gettext_lazy("opened (a person, no machine)"),
    "human_clicked": gettext_lazy("clicked (a person, no machine) in"),
    "not_opened": gettext_lazy("were sent and did not open"),
    "replied": gettext_lazy("replied to"),
    "bounced": gettext_lazy("could not receive"),
    "complained": gettext_lazy("complained about"),
    "unsubscribed": gettext_lazy("unsubscribed from"),
}


class Letter(NamedTuple):
    """A message to somebody, with the first time of everything that happened to it."""

    template: int
    journey: int | None
    channel: str
    moments: dict[str, datetime | None]


@dataclass(slots=True)
class Letters:
    """Messages by profile, and the events that windows start at."""

    of: dict[int, list[Letter]]
    history: History


@register
@dataclass(frozen=True, slots=True)
class AboutMessages(Kind):
    """So many messages (each counts once) to which it happened within the window. Test sends are left out."""

    type: ClassVar[str] = "message"
    what: str
    did: bool = True
    template: int | None = None
    journey: int | None = None
    channel: str | None = None
    count: Count = ONCE
    within: windows.Window | None = None

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """Everything but "what" may be left out."""
        only(raw, path, "type", "what", "did", "template", "journey", "channel", "count", "within")
        what = one_of(raw.get("what"), at(path, "what"), tuple(COLUMNS), _("Choose what happened to the message."))
        template, journey, channel = raw.get("template"), raw.get("journey"), raw.get("channel")
        return cls(
            what,
            flag(raw.get("did", True), at(path, "did")),
            None if template is None else ident(template, at(path, "template"), _("Choose a template.")),
            None if journey is None else ident(journey, at(path, "journey"), _("Choose a journey.")),
            None if channel is None else text(channel, at(path, "channel"), _("Choose a channel.")),
            read_count(raw.get("count"), at(path, "count")),
            windows.read(raw.get("within"), at(path, "within")),
        )

    def dump(self) -> dict[str, Any]:
        """All members."""
        return {
            "type": self.type,
            "what": self.what,
            "did": self.did,
            "template": self.template,
            "journey": self.journey,
            "channel": self.channel,
            "count": {"op": self.count.op, "n": self.count.n},
            "within": self.within.dump() if self.within else None,
        }

    def words(self, names: Mapping[int, str]) -> str:
        """ "opened “Welcome” in the last 30 days"; a template's name is found under its id, a journey's under -id."""
        what = names.get(self.template) if self.template else _("a message")
        found = f"{LABELS[self.what]} {f'“{what}”' if self.template else what}"
        if self.journey:
            found += " " + _("of the journey “%s”") % (names.get(-self.journey) or _("that no longer exists"))
        if self.channel:
            found += " " + _("by %s") % self.channel
        if self.count != ONCE:
            found += " " + count_words(self.count)
        if self.within:
            found += " " + self.within.words()
        return found if self.did else _("did not match: %s") % found

    def answer(self, now: datetime) -> Answer:
        """Like a question about events; who was merged away counts for the survivor."""
        op, n, negated = self.count.op, self.count.n, not self.did
        if op == "at_most" or n == 0:
            least = n + 1 if op in ("at_most", "exactly") else 0
            if least == 0:
                return Set(NOBODY, negated=not negated)
            return Set(self._grouped(">=", least, now), negated=not negated)
        return Set(self._grouped("=" if op == "exactly" else ">=", n, now), negated=negated)

    def _grouped(self, sign: str, n: int, now: datetime) -> Fragment:
        column = Fragment(f"m.{COLUMNS[self.what][0]}")
        tests = [sql("{} IS NOT NULL AND m.enrollment_id IS NOT NULL", column)]
        tests += [
            sql("{} = {}", Fragment(f"m.{name}"), value)
            for name, value in (
                ("template_id", self.template),
                ("journey_id", self.journey),
                ("channel", self.channel),
            )
            if value is not None
        ]
        if self.what == "not_opened":
            tests.append(Fragment("m.opened_at IS NULL"))
        joined, when = within_sql(self.within, "e", now)
        return sql(
            "SELECT e.profile_id AS id FROM ("
            "SELECT COALESCE(s.merged_into_id, m.profile_id) AS profile_id, {} AS occurred_at FROM journeys_message m"
            " LEFT JOIN profiles_profile s ON s.id = m.profile_id AND s.merged_into_id IS NOT NULL WHERE {}"
            ") e {} WHERE {} GROUP BY e.profile_id HAVING count(*) {} {}",
            *(column, join("AND", tests), joined, join("AND", when or [Fragment("TRUE")]), Fragment(sign), n),
        )

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Letters:
        """All messages to these people, from the earliest moment anybody asks for."""
        found: dict[int, list[Letter]] = defaultdict(list)
        names = sorted({column for column, _event in COLUMNS.values()})
        since = min(earliest(one.within, now) for one in asked)
        with connection.cursor() as cursor:
            cursor.execute(SQL["messages_to"], {"profiles": list(people), "since": since})
            for profile, template, journey, channel, *moments in cursor.fetchall():
                letter = Letter(template, journey, channel, dict(zip(names, moments, strict=True)))
                found[profile].append(letter)
        starts = {one.within.event: EVER for one in asked if isinstance(one.within, windows.Since)}
        return Letters(found, load(list(people), (), starts))

    def holds(self, profile: int, facts: Letters, now: datetime) -> bool:
        """The same as `answer`."""
        n, least = len(self._moments(profile, facts, now)), self.count.n
        return {"at_least": n >= least, "at_most": n <= least, "exactly": n == least}[self.count.op] is self.did

    def _moments(self, profile: int, facts: Letters, now: datetime) -> list[datetime]:
        when = stretch(self.within, profile, facts.history, now)
        if when is None:
            return []
        moments = [
            letter.moments[COLUMNS[self.what][0]]
            for letter in facts.of.get(profile, ())
            if (self.template is None or letter.template == self.template)
            and (self.journey is None or letter.journey == self.journey)
            and (self.channel is None or letter.channel == self.channel)
            and not (self.what == "not_opened" and letter.moments["opened_at"])
        ]
        return sorted(moment for moment in moments if moment and when.holds(moment))

    def found(self, profile: int, facts: Letters, now: datetime) -> str:
        """How often, and when last."""
        moments = self._moments(profile, facts, now)
        return times(moments, moments[-1] if moments else None)

    def interests(self) -> set[tuple[str, str]]:
        """The event that tells of it; being sent has no event, but a change of its own. A template may go."""
        event = COLUMNS[self.what][1]
        found = {("message", "sent"), ("message", "moved")} | ({("event", event)} if event else set())
        found |= {("template", str(self.template))} if self.template else set()
        return found | {("event", self.within.event)} if isinstance(self.within, windows.Since) else found

    def blank(self) -> bool:
        """Who was never written to."""
        least = self.count.n
        return {"at_least": least <= 0, "at_most": True, "exactly": least == 0}[self.count.op] is self.did

    def edges(self, since: datetime, now: datetime) -> Iterable[Edge]:
        """Messages, or events about them, that came of an age."""
        ages = self.within.ages() if self.within else ()
        if COLUMNS[self.what][0] != "sent_at":
            yield from aged(COLUMNS[self.what][1], ages, since, now)
            return
        for age in ages:
            yield Edge(SQL["crossed_messages"], {"after": since - age, "until": now - age})

    @property
    def moves(self) -> bool:
        """With a window that follows the clock."""
        return bool(self.within and self.within.ages())

    @property
    def days(self) -> bool:
        """With dates."""
        return isinstance(self.within, windows.Dates)

    @classmethod
    def names(cls, asked: Collection[Self]) -> dict[int, str]:
        """Templates under their ids, journeys under the negative of theirs."""
        templates = Template.objects.filter(pk__in={one.template for one in asked if one.template})
        journeys = Journey.objects.filter(pk__in={one.journey for one in asked if one.journey})
        found = dict(templates.values_list("pk", "name"))
        return found | {-pk: name for pk, name in journeys.values_list("pk", "name")}

    @classmethod
    def lost(cls, asked: Collection[Self]) -> dict[Self, str]:
        """Templates and journeys that no longer exist."""
        names = cls.names(asked) if any(one.template or one.journey for one in asked) else {}
        why: dict[Self, str] = {}
        for one in asked:
            if one.template and one.template not in names:
                why[one] = _("It asks about a template that no longer exists.")
            elif one.journey and -one.journey not in names:
                why[one] = _("It asks about a journey that no longer exists.")
        return why
