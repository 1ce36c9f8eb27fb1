"""Times come out of PostgreSQL as they went in, over the driver's own encoding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kernel.instants import INFINITIES, read
from tests.support.database import Pool

STEP = timedelta(microseconds=1)
FIRST, LAST = sorted(it.replace(tzinfo=None) for it in INFINITIES)
EDGES = [
    FIRST + STEP,
    LAST - STEP,
    *map(datetime.fromisoformat, ("1970-01-01", "2016-12-31T23:59:59.999999")),
]


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("hours", [0, 14, -12])
async def test_every_time_that_can_be_read_is_stored_unchanged(
    pool: Pool, edge: datetime, hours: int
) -> None:
    try:
        moment = read(edge.replace(tzinfo=timezone(timedelta(hours=hours))).isoformat())
    except ValueError:
        assert edge.year in {1, 9999}
        return
    stored = await pool.fetchval("SELECT $1::timestamptz", moment)
    assert (stored, stored.tzinfo) == (moment, UTC)


@pytest.mark.parametrize("end", sorted(INFINITIES))
async def test_the_ends_of_the_calendar_would_come_back_without_a_time_zone(
    pool: Pool, end: datetime
) -> None:
    """The reason why ``read`` refuses them; should the driver change, this may go."""
    stored = await pool.fetchval("SELECT $1::timestamptz", end)
    assert stored.tzinfo is None
