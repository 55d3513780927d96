"""A question about what somebody agreed to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from profiles.models import Topic
from profiles.segments.fragment import sql
from profiles.segments.history import rows
from profiles.segments.kind import Kind, People, register
from profiles.segments.reading import ConditionError, at, flag, only, text
from profiles.segments.sets import Answer, Test

Said = Mapping[tuple[str, str, int], bool]  # (topic, channel, profile): the word that counts
CHANNELS = 40  # letters


@register
@dataclass(frozen=True, slots=True)
class Consents(Kind):
    """Is (or is not) subscribed to a topic on a channel: by the latest word for it or for every channel, else by the
    topic's default. The delivery reads consents in the same way.
    """

    type: ClassVar[str] = "consent"
    topic: str
    channel: str = ""
    subscribed: bool = True

    @classmethod
    def read(cls, raw: Mapping[str, Any], path: str) -> Self:
        """{"topic", "channel", "subscribed"}."""
        only(raw, path, "type", "topic", "channel", "subscribed")
        channel = raw.get("channel") or ""
        if not isinstance(channel, str) or len(channel) > CHANNELS or "\x00" in channel:
            raise ConditionError(at(path, "channel"), _("Choose a channel."))
        return cls(
            text(raw.get("topic"), at(path, "topic"), _("Choose a topic.")),
            channel,
            flag(raw.get("subscribed", True), at(path, "subscribed")),
        )

    def dump(self) -> dict[str, Any]:
        """The same."""
        return {"type": self.type, "topic": self.topic, "channel": self.channel, "subscribed": self.subscribed}

    def words(self, names: Mapping[int, str]) -> str:
        """ "are subscribed to newsletter by email"."""
        words = (_("are subscribed to %s") if self.subscribed else _("are not subscribed to %s")) % self.topic
        return words + " " + _("by %s") % self.channel if self.channel else words

    def answer(self, now: datetime) -> Answer:
        """A test of the profile row: the word that counts, else the default."""
        said = sql(
            "COALESCE((SELECT c.subscribed FROM profiles_consent c JOIN profiles_topic t ON t.id = c.topic_id"
            " WHERE c.profile_id = p.id AND t.slug = {} AND c.channel IN ({}, '')"
            " ORDER BY c.at DESC, c.subscribed LIMIT 1),"
            " (SELECT t.default_subscribed FROM profiles_topic t WHERE t.slug = {}))",
            *(self.topic, self.channel, self.topic),
        )
        return Test(said if self.subscribed else sql("NOT ({})", said))

    @classmethod
    def load(cls, asked: Sequence[Self], people: People, now: datetime) -> Said:
        """One statement."""
        pairs = sorted({(one.topic, one.channel) for one in asked})
        args = {
            "profiles": list(people),
            "topics": [topic for topic, _channel in pairs],
            "channels": [channel for _topic, channel in pairs],
        }
        return {(topic, channel, ident): said for topic, channel, ident, said in rows("consents", args)}

    def holds(self, profile: int, facts: Said, now: datetime) -> bool:
        """The same as `answer`; a topic that does not exist matches nobody."""
        return facts.get((self.topic, self.channel, profile)) is self.subscribed

    def found(self, profile: int, facts: Said, now: datetime) -> str:
        """Yes or no."""
        return _("subscribed") if facts.get((self.topic, self.channel, profile)) else _("not subscribed")

    def interests(self) -> set[tuple[str, str]]:
        """Words to this topic; and new people, whom the default counts for."""
        return {("consent", self.topic), ("created", "")}

    def blank(self) -> bool:
        """Depends on the topic; new people are asked anyway."""
        return False

    @classmethod
    def lost(cls, asked: Collection[Self]) -> dict[Self, str]:
        """Topics that no longer exist."""
        known = set(Topic.objects.filter(slug__in={one.topic for one in asked}).values_list("slug", flat=True))
        return {one: _("It asks about a topic that no longer exists.") for one in asked if one.topic not in known}
