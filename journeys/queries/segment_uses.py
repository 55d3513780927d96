"""Which journeys use a segment: people enter from it, leave by it or wait for it, or a branch asks about it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from journeys.engine.exits import segments_of
from journeys.models import Version
from journeys.nodes.audience import AudienceNode
from journeys.nodes.entry_date import EntryDateNode
from journeys.nodes.entry_schedule import EntryScheduleNode
from journeys.nodes.entry_segment import EntrySegmentNode
from journeys.nodes.entry_segment_left import EntrySegmentLeftNode
from journeys.nodes.many_ways import ManyWaysNode
from journeys.nodes.wait_segment import WaitSegmentNode
from profiles.segments.ast import ConditionError, parse, segments_in
from profiles.services.usage import Use

ENTRIES: Final = (EntrySegmentNode, EntrySegmentLeftNode, EntryScheduleNode, EntryDateNode, WaitSegmentNode)
JOURNEY = ("version__journey_id", "version__journey__name")


def uses(segment_ids: Sequence[int]) -> dict[int, list[Use]]:
    """Journeys by segment. An entry counts in old versions too: people inside still came from it."""
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for entries in ENTRIES:
        named = entries.objects.filter(segment_id__in=segment_ids).values_list("segment_id", *JOURNEY)
        for segment, journey, name in named:
            found[segment][journey] = name
    wanted = set(segment_ids)
    for condition, journey, name in _branches():
        for segment in wanted & _asked(condition):
            found[segment][journey] = name
    rules = Version.objects.exclude(state=Version.State.RETIRED).exclude(exit_rules=[])
    for exit_rules, journey, name in rules.values_list("exit_rules", "journey_id", "journey__name"):
        for segment in wanted & segments_of(exit_rules):
            found[segment][journey] = name
    return {
        segment: [Use(name, reverse("journey", args=[journey]), _("journey")) for journey, name in journeys.items()]
        for segment, journeys in found.items()
    }


def _branches() -> Iterator[tuple[object, int, str]]:
    """Every condition that a branch asks, and the journey it belongs to."""
    now = ~Q(version__state=Version.State.RETIRED)
    yield from AudienceNode.objects.filter(now).values_list("condition", *JOURNEY)
    for ways, journey, name in ManyWaysNode.objects.filter(now).values_list("ways", *JOURNEY):
        yield from ((way.get("condition"), journey, name) for way in ways)


def _asked(condition: object) -> set[int]:
    try:
        return segments_in(parse(condition))
    except ConditionError:
        return set()
