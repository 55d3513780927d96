"""Random conditions and random people for the segment properties: few names, many odd values, so that they meet."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from profiles.segments.ast import Condition, Group, Off
from profiles.segments.counts import COUNT_LABELS, ONCE, Count
from profiles.segments.filters import PropertyFilter
from profiles.segments.kinds.account import InAccount
from profiles.segments.kinds.attribute import Attribute
from profiles.segments.kinds.bucket import Bucket
from profiles.segments.kinds.consent import Consents
from profiles.segments.kinds.event import Event
from profiles.segments.kinds.everybody import Everybody
from profiles.segments.kinds.has_been import HasBeen
from profiles.segments.kinds.identity import KnownBy
from profiles.segments.kinds.list import OnList
from profiles.segments.kinds.reachable import Reachable
from profiles.segments.kinds.segment import InSegment
from profiles.segments.kinds.sequence import InOrder, SequenceStep
from profiles.segments.measures import MEASURE_LABELS, Measure
from profiles.segments.number_operators import SIGNS
from profiles.segments.operators import OPERATORS
from profiles.segments.periods import Period
from profiles.segments.windows import Ago, Dates, Last, Since
from tests.conftest import NOW

FIELDS = ["plan", "total", "home.city", "since"]
EVENTS = ["Order Completed", "Viewed"]
SEGMENTS = [901, 902, 999]  # 999 does not exist
LISTS = [801, 802]
TEXTS = [
    "DE",
    "de",
    "ß",
    "日本",
    "a%b_c",
    "5",
    "05",
    "5.0",
    "-3.50",
    "1e5",
    " 5",
    "true",
    "false",
    "\\",
    '"',
    "é",
    "e\u0301",
]
MOMENTS = [
    "2026-03-02",
    "2026-02-28T23:59:59Z",
    "2026-03-02T09:00:00+02:00",
    "2026-03-02T10:00:00.000001Z",
    "2026-03-02 10:00",
    "2026-02-31",
    "2026-13-01",
    "0000-01-01",
    "2026-03-02T24:00",
    "now",
    "2026-02-23T10:00:00Z",
]
DAYS = ["2026-03-02", "2026-03-01", "2026-02-28", "2024-02-29", "1990-03-05"]
NUMBERS: list[Any] = [0, 5, -3.5, 0.1, 0.30000000000000004, 10**25, 1e25, 5.0, -0.0]
PERIODS = [Period(1, "hours"), Period(2, "days"), Period(1, "weeks"), Period(90, "minutes")]

texts = st.sampled_from(TEXTS + MOMENTS)
scalars = st.one_of(texts, st.sampled_from(list(NUMBERS)), st.text("ab5é%", min_size=1, max_size=3))
values = st.one_of(
    scalars,
    st.sampled_from([None, "", True, False, [], {}, ["DE", "5"], [5, None], {"city": "DE"}, ["a%b_c"]]),
    st.lists(st.one_of(scalars, st.booleans(), st.none()), max_size=2),
)
properties = st.fixed_dictionaries(
    {},
    optional={
        "plan": values,
        "total": values,
        "since": st.one_of(values, st.sampled_from(MOMENTS)),
        "home": st.one_of(values, st.fixed_dictionaries({}, optional={"city": values})),
    },
)
moments = st.one_of(
    st.integers(0, 8 * 24).map(lambda hours: NOW - timedelta(hours=hours)),
    st.sampled_from([NOW + timedelta(hours=1), NOW - timedelta(days=2, microseconds=-1), NOW - timedelta(days=40)]),
)


def _argument(kind: str) -> st.SearchStrategy[Any]:
    return {
        "none": st.none(),
        "text": texts,
        "scalar": scalars,
        "scalars": st.lists(scalars, min_size=1, max_size=3).map(tuple),
        "number": st.sampled_from(NUMBERS),
        "moment": st.sampled_from([MOMENTS[0], MOMENTS[1], MOMENTS[2], MOMENTS[3], MOMENTS[4]]),
        "period": st.sampled_from(PERIODS),
        "numbers": st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)),
        "day": st.sampled_from(DAYS),
        "days": st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)),
        "days_period": st.sampled_from([Period(1, "days"), Period(2, "weeks"), Period(365, "days")]),
    }[kind]


questions = st.sampled_from(sorted(OPERATORS)).flatmap(
    lambda op: st.tuples(st.sampled_from(FIELDS), st.just(op), _argument(OPERATORS[op].argument))
)
filters = questions.map(lambda q: PropertyFilter(*q))
wheres = st.lists(filters, max_size=2).map(tuple)
counts = st.builds(Count, st.sampled_from(sorted(COUNT_LABELS)), st.integers(0, 3))
measures = st.builds(
    Measure,
    st.sampled_from(sorted(MEASURE_LABELS)),
    st.sampled_from(["total", "plan"]),
    st.sampled_from(sorted(SIGNS)),
    st.sampled_from([0, 1, 2, 5, -3.5, 0.1]),
)
windows = st.one_of(
    st.none(),
    st.sampled_from(PERIODS).map(Last),
    st.sampled_from([Ago(Period(1, "weeks"), Period(2, "days")), Ago(Period(2, "days"), Period(90, "minutes"))]),
    st.sampled_from(DAYS + MOMENTS[2:4]).map(lambda day: Dates(None, day, before=True)),
    st.sampled_from(DAYS + MOMENTS[2:4]).map(lambda day: Dates(day, None)),
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(lambda days: Dates(min(days), max(days))),
    st.builds(Since, st.sampled_from(EVENTS), st.sampled_from(["first", "last"])),
)
events = st.one_of(
    st.builds(Event, st.sampled_from(EVENTS), st.booleans(), counts, windows, wheres),
    st.builds(
        Event,
        st.sampled_from(EVENTS),
        st.booleans(),
        st.just(ONCE),
        windows,
        wheres,
        pick=st.sampled_from(["first", "last"]),
    ),
    st.builds(Event, st.sampled_from(EVENTS), st.booleans(), st.just(ONCE), windows, wheres, measure=measures),
)
later_steps = st.one_of(
    st.builds(
        SequenceStep,
        st.sampled_from(EVENTS),
        wheres,
        st.just(True),
        st.one_of(st.none(), st.sampled_from(PERIODS)),
    ),
    st.builds(SequenceStep, st.sampled_from(EVENTS), wheres, st.just(False), st.sampled_from(PERIODS)),
)
sequences = st.builds(
    lambda first, later, did, within: InOrder((first, *later), did, within),
    st.builds(SequenceStep, st.sampled_from(EVENTS), wheres),
    st.lists(later_steps, min_size=1, max_size=3),
    st.booleans(),
    windows,
)
contacts = st.one_of(
    st.just(Everybody()),
    st.builds(Bucket, st.sampled_from([0.0, 20.0]), st.sampled_from([50.0, 99.99]), st.sampled_from(["a", "b"])),
    st.builds(Consents, st.sampled_from(["news", "gone"]), st.sampled_from(["", "email"]), st.booleans()),
    st.builds(KnownBy, st.sampled_from(["user_id", "device_token"]), st.booleans()),
    st.builds(Reachable, st.sampled_from(["email", "device_token"]), st.booleans()),
)
steady = st.tuples(questions.filter(lambda q: not OPERATORS[q[1]].moves), st.sampled_from(PERIODS)).map(
    lambda drawn: HasBeen(*drawn[0], drawn[1])
)
attributes = questions.map(lambda q: Attribute(*q))
companies = questions.map(lambda q: InAccount(*q))


def switched_off(condition: Condition) -> Condition:
    """The same, off."""
    return condition if isinstance(condition, Off) else Off(condition)


def leaves(segments: list[int]) -> st.SearchStrategy[Condition]:
    """Single questions; `segments` may be asked about, and where there are any, lists too."""
    kinds: list[st.SearchStrategy[Any]] = [attributes, companies, steady, events, sequences, contacts]
    if segments:
        kinds.append(st.builds(InSegment, st.sampled_from(segments), st.booleans()))
        kinds.append(st.builds(OnList, st.sampled_from(LISTS), st.booleans()))
    return st.one_of(kinds)


def conditions(segments: list[int], size: int = 6) -> st.SearchStrategy[Condition]:
    """Trees of them."""
    return st.recursive(
        leaves(segments),
        lambda inner: st.one_of(
            st.builds(
                Group, st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=1, max_size=3).map(tuple)
            ),
            st.lists(st.one_of(inner, inner.map(switched_off)), min_size=1, max_size=4).flatmap(
                lambda of: st.integers(1, len(of)).map(lambda n: Group("at_least", tuple(of), n))
            ),
        ),
        max_leaves=size,
    )


@st.composite
def people(draw: st.DrawFn, size: int = 6) -> list[dict[str, Any]]:
    """Some profiles with attributes, events, memberships; one in a few is merged away and has nothing. `companies` are
    numbers of people whose `company` they belong to.
    """
    found = []
    for _ in range(draw(st.integers(1, size))):
        merged = draw(st.integers(0, 5)) == 5
        found.append(
            {
                "merged": merged,
                "attributes": draw(properties) | draw(st.sampled_from([{}, {"email": " A@x.example"}, {"email": ""}])),
                "changed": []
                if merged
                else draw(st.lists(st.tuples(st.sampled_from(["plan", "since", ""]), moments), max_size=3)),
                "known_by": [] if merged else draw(st.lists(st.sampled_from(["user_id", "device_token"]), max_size=3)),
                "said": {} if merged else draw(st.dictionaries(st.sampled_from(["", "email", "sms"]), st.booleans())),
                "events": []
                if merged
                else draw(st.lists(st.tuples(st.sampled_from(EVENTS), moments, properties), max_size=4)),
                "segments": [] if merged else draw(st.lists(st.sampled_from([901, 902]), unique=True)),
                "lists": [] if merged else draw(st.lists(st.sampled_from(LISTS), unique=True)),
                "companies": [] if merged else draw(st.lists(st.integers(0, 2), unique=True)),
                "company": draw(properties),
            }
        )
    return found
