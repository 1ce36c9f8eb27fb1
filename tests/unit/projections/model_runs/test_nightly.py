"""When the runs of a night are due."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from projections.model_runs.nightly import parse_times

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_tenant_may_have_a_time_of_its_own() -> None:
    times = parse_times("02:00,demo=13:30")

    assert (times.of("rival"), times.of("demo")) == (time(2), time(13, 30))
    assert times.night_of("rival", NOON) == date(2026, 3, 2)
    assert times.night_of("demo", NOON) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 3, 2, 1, 59, tzinfo=UTC), datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
        (datetime(2026, 3, 2, 2, tzinfo=UTC), datetime(2026, 3, 2, 2, tzinfo=UTC)),
        (datetime(2026, 3, 2, 23, tzinfo=UTC), datetime(2026, 3, 2, 13, 30, tzinfo=UTC)),
    ],
    ids=["before the first", "at the first", "after the last"],
)
def test_the_last_due_moment_is_that_of_any_tenant(now: datetime, due: datetime) -> None:
    assert parse_times("02:00,demo=13:30").last_due(now) == due


@pytest.mark.parametrize("text", ["", "2", "25:00", "02:00,demo", "02:00,=03:00", "02:00,demo=never"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        parse_times(text)
