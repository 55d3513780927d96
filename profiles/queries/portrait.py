"""The head of a person's page: what can be read in ten seconds, asked in one statement."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from omnichannel.accounts.models import Workspace
from omnichannel.shared import sql
from profiles.ingest.attributes import is_zone
from profiles.models import Profile

SQL = sql.load(Path(__file__).parent.parent / "sql" / "person.sql")

# The rules of the stages, also in docs/people.md. What happens to a message is nothing that the person does.
NEW_FOR: Final = timedelta(days=14)
ACTIVE_FOR: Final = timedelta(days=30)
LOST_AFTER: Final = timedelta(days=90)
ENOUGH: Final = 5  # things somebody must have done before we speak of a usual hour


@dataclass(frozen=True, slots=True)
class Stage:
    """Where somebody is in their time with us; `why` is the rule, in words."""

    name: str | Promise
    colour: str
    why: str | Promise


UNSEEN: Final = Stage(gettext_lazy("Not seen yet"), "grey", gettext_lazy("Has not done anything so far."))
NEW: Final = Stage(gettext_lazy("New"), "blue", gettext_lazy("First did something in the last 14 days."))
ACTIVE: Final = Stage(gettext_lazy("Active"), "green", gettext_lazy("Did something in the last 30 days."))
SLIPPING: Final = Stage(gettext_lazy("Slipping away"), "yellow", gettext_lazy("Last did something 30 to 90 days ago."))
LOST: Final = Stage(gettext_lazy("Lost"), "red", gettext_lazy("Has not done anything for 90 days."))


@dataclass(frozen=True, slots=True)
class Value:
    """What somebody has bought in one currency."""

    currency: str
    orders: int
    total: Decimal
    last: datetime | None

    @property
    def average(self) -> Decimal:
        """An order's worth."""
        return self.total / self.orders


@dataclass(frozen=True, slots=True)
class Portrait:
    """`values`: the currency with the most first. `hour`: when they are usually here, in their zone."""

    stage: Stage
    values: tuple[Value, ...]
    hour: int | None
    zone: str
    local: datetime | None

    @property
    def until(self) -> int | None:
        """The end of the usual hour."""
        return None if self.hour is None else (self.hour + 1) % 24


def portrait(profile: Profile, now: datetime) -> Portrait:
    """Who this is, at a glance. Without a zone of their own, hours are the workspace's and there is no local time."""
    workspace = Workspace.get()
    own = profile.attributes.get("timezone")
    zone = own if isinstance(own, str) and is_zone(own) else ""
    bound: dict[str, Any] = {
        "profile": profile.pk,
        "now": now,
        "currency": workspace.currency,
        "zone": zone or workspace.timezone,
        "enough": ENOUGH,
    }
    with connection.cursor() as cursor:
        cursor.execute(SQL["portrait"], bound)
        first, last, sums, hour = cursor.fetchone()
    listed = json.loads(sums) if isinstance(sums, str) else sums
    values = tuple(Value(currency, n, Decimal(total), parse_datetime(at)) for currency, n, total, at in listed or ())
    local = now.astimezone(ZoneInfo(zone)) if zone else None
    return Portrait(stage(first, last, now), values, None if hour is None else int(hour), zone, local)


def stage(first: datetime | None, last: datetime | None, now: datetime) -> Stage:
    """The first rule that holds. An edge belongs to the livelier side."""
    if first is None or last is None:
        return UNSEEN
    if now - first <= NEW_FOR:
        return NEW
    away = now - last
    return ACTIVE if away <= ACTIVE_FOR else SLIPPING if away <= LOST_AFTER else LOST
