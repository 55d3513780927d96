"""The zone whose calendar days count, carried by `now`.

Python adds hours to a moment in a zone by the clock on the wall, which is an hour wrong where clocks change. So `now`
carries the offset it has, which keeps arithmetic exact, and the zone beside it.
"""

from datetime import UTC, datetime, timedelta, tzinfo


class Carried(tzinfo):
    """The offset of one moment in a zone, for every moment."""

    def __init__(self, zone: tzinfo, offset: timedelta) -> None:
        self.zone, self.offset = zone, offset

    def utcoffset(self, at: datetime | None) -> timedelta:
        """The same at all times."""
        return self.offset

    def dst(self, at: datetime | None) -> timedelta:
        """None: the offset has it."""
        return timedelta(0)

    def tzname(self, at: datetime | None) -> str:
        """The zone's name."""
        return str(self.zone)


def carry(now: datetime, zone: tzinfo) -> datetime:
    """The same moment, which now knows the zone."""
    return now.astimezone(Carried(zone, now.astimezone(zone).utcoffset() or timedelta(0)))


def zone_of(now: datetime) -> tzinfo:
    """The zone that a moment carries; UTC without one."""
    return now.tzinfo.zone if isinstance(now.tzinfo, Carried) else UTC
