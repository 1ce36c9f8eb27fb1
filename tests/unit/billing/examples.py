"""Short ways to name the moments, periods and segments of examples."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from billing.changes import Change, Terms, change_of_plan
from billing.local_time import moment, time_zone
from billing.periods import Cycle, Interval, Period, Schedule
from billing.proration import Segment
from billing.units import Unit
from pricing.rounding import Mode

GREENWICH = ZoneInfo("UTC")
BERLIN, NEW_YORK, TOKYO = (time_zone(it) for it in ("Europe/Berlin", "America/New_York", "Asia/Tokyo"))
HALF_UP = Mode.HALF_UP
MONTH, YEAR = Cycle(Interval.MONTH), Cycle(Interval.YEAR)
WEEK, DAY = Cycle(Interval.WEEK), Cycle(Interval.DAY)


def at(text: str, zone: ZoneInfo = GREENWICH) -> datetime:
    """The moment at which the zone's clocks show a time, written as in ISO 8601 or as a date alone."""
    return moment(datetime.fromisoformat(text), zone)


def schedule(anchor: str, cycle: Cycle = MONTH, zone: ZoneInfo = GREENWICH) -> Schedule:
    """``anchor``: a local time."""
    return Schedule(datetime.fromisoformat(anchor), zone, cycle)


def dates(periods: Schedule, count: int) -> list[str]:
    """The local dates of the first boundaries."""
    return [f"{periods.boundary(index).astimezone(periods.zone):%Y-%m-%d}" for index in range(count)]


def paid(period: Period, amount: int, unit: Unit, zone: ZoneInfo = GREENWICH) -> Segment:
    """A period of a plan that was paid for."""
    return Segment("plan", period.start, period.end, amount, unit, zone)


def changed(
    anchor: str,
    before: int,
    after: int,
    when: str,
    unit: Unit = Unit.SECOND,
    *,
    cycles: tuple[Cycle, Cycle] = (MONTH, MONTH),
    zone: ZoneInfo = GREENWICH,
) -> Change:
    """A change of plan in a period that was paid for. ``when``: a local time."""
    running, moment_ = schedule(anchor, cycles[0], zone), at(when, zone)
    segment = paid(running.period_at(moment_), before, unit, zone)
    return change_of_plan([segment], Terms(after, cycles[1], unit), running, moment_, HALF_UP)


def utc(moment_: datetime) -> str:
    return f"{moment_.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
