"""How the periods of a subscription begin: its anchor, a stub before it, a trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from billing.local_time import later_by_days, local_time, moment
from billing.periods import Cycle, Period, Schedule, on_day
from billing.units import Unit, cut, units_between
from pricing.rounding import Mode, divide

NOTICE_DAYS = 3
"""From the notice that a trial will end to its end."""
LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class Start:
    schedule: Schedule
    stub: Period | None = None
    """What lies between the start and the first whole period."""


def start_of(
    at: datetime,
    unit: Unit,
    zone: ZoneInfo,
    cycle: Cycle,
    anchor_day: int | None = None,
    number: int = 1,
) -> Start:
    """
    What begins at a moment, cut down to its unit: a subscription, or its periods after a trial or a pause.

    With ``anchor_day`` the anchor is the first local midnight of that day of a month. ``number``: of the
    first whole period. Raises ``ValueError`` for a day that no month has, and for periods of days and weeks.
    """
    begin = cut(at, unit, zone)
    local = local_time(begin, zone)
    if anchor_day is None:
        return Start(Schedule(local, zone, cycle, first_number=number))
    if cycle.days is not None or not 1 <= anchor_day <= LAST_DAY:
        raise ValueError(f"periods of {cycle.count} {cycle.interval}s have no day {anchor_day}")
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    anchor = on_day(midnight, 0, anchor_day)
    if moment(anchor, zone) < begin:
        anchor = on_day(midnight, 1, anchor_day)
    schedule = Schedule(anchor, zone, cycle, anchor_day, number)
    first = schedule.boundary(0)
    return Start(schedule, Period(0, begin, first) if begin < first else None)


def stub_price(price: int, stub: Period, schedule: Schedule, unit: Unit, mode: Mode) -> int:
    """The stub's share of the whole period that would have ended with it, rounded to minor units."""
    whole = units_between(schedule.boundary(-1), stub.end, unit, schedule.zone)
    return divide(price * units_between(stub.start, stub.end, unit, schedule.zone), whole, mode)


def trial_end(at: datetime, days: int, unit: Unit, zone: ZoneInfo) -> datetime:
    """So many local days after the start, cut down to its unit."""
    return later_by_days(cut(at, unit, zone), days, zone)


def extended_trial(end: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The new end, which is the new anchor, too."""
    return later_by_days(end, days, zone)


def trial_notice(start: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """When the customer learns that the trial will end: some days before, or at once in a shorter trial."""
    return max(start, later_by_days(end, -NOTICE_DAYS, zone))
