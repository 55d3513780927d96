"""Moments come out of PostgreSQL as they went in."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from omnichannel.shared import copying, sql
from omnichannel.shared.moments import MomentLoader

ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES | st.just(UTC))


class Moments(TestCase):
    @given(st.lists(MOMENTS, max_size=20))
    def test_read_as_written(self, moments: list[datetime]) -> None:
        for cursor in (connection.cursor(), sql.bound()):
            with cursor:
                cursor.execute("SELECT * FROM unnest(%s::timestamptz[])", [moments])
                found = [row[0] for row in cursor.fetchall()]
                assert found == moments
                assert {one.tzinfo for one in found} <= {UTC}

    @given(MOMENTS)
    def test_copied_as_written(self, moment: datetime) -> None:
        for given_at in (moment, moment.astimezone(ZoneInfo("Europe/Amsterdam"))):
            assert datetime.fromisoformat(copying.moment(given_at)) == moment

    @given(
        st.lists(MOMENTS | st.none(), max_size=5), st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=5)
    )
    def test_arrays_are_read_as_given(self, moments: list[datetime | None], numbers: list[int | None]) -> None:
        with sql.bound() as cursor:
            cursor.execute(
                "SELECT %(moments)s::timestamptz[], %(numbers)s::bigint[], %(truths)s::boolean[], %(words)s::text[]",
                {
                    "moments": sql.array(moments),
                    "numbers": sql.array(numbers),
                    "truths": sql.array([True, None, False]),
                    "words": sql.array(["next", None, "not_opened"]),
                },
            )
            found = cursor.fetchone()
        assert found == (moments, numbers, [True, None, False], ["next", None, "not_opened"])


@pytest.mark.django_db
@pytest.mark.parametrize("moment", ["infinity", "0044-03-15 BC"])
def test_what_python_cannot_say_is_refused(moment: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [moment])
        with pytest.raises(DataError):
            cursor.fetchall()


@pytest.mark.django_db
def test_django_brings_no_loader_of_its_own() -> None:
    with connection.cursor() as cursor:
        oid = cursor.connection.adapters.types["timestamptz"].oid
        assert cursor.cursor.adapters.get_loader(oid, 0) is MomentLoader
