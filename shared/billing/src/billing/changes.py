"""Changes of a running subscription: another plan, an add-on, a pause, an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from billing.periods import Cycle, Interval, Period, Schedule
from billing.proration import Segment, Share, charge_for_rest
from billing.starts import start_of
from billing.units import Unit
from pricing.rounding import Mode

PER_YEAR = {Interval.DAY: 365, Interval.WEEK: 52, Interval.MONTH: 12, Interval.YEAR: 1}


class Direction(StrEnum):
    """An upgrade takes effect now, a downgrade with the next period, unless the caller says otherwise."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


class ProrationNeeded(ValueError):
    """Another interval begins a new period at once, so the running one must be credited."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a period of a plan costs in all, in minor units, and how its time is counted."""

    price: int
    cycle: Cycle
    unit: Unit


@dataclass(frozen=True, slots=True)
class Credit:
    segment: Segment
    share: Share
    rest: Segment
    """The segment as it is afterwards."""


@dataclass(frozen=True, slots=True)
class Change:
    """``schedule`` and ``period`` are those after the change; ``charge`` is None without proration."""

    credits: tuple[Credit, ...]
    charge: Share | None
    schedule: Schedule
    period: Period
    is_billed_now: bool
    """Always true if the interval changes: the first period of the new interval is charged at once."""

    @property
    def credit(self) -> int:
        """What is given back of paid segments."""
        return credited(self.credits)

    @property
    def withdrawn(self) -> int:
        """What pending charges are lowered by. Nothing was paid for them, so nothing is given back."""
        return sum(it.share.amount for it in self.credits if it.segment.is_pending)


def yearly_price(price: int, cycle: Cycle) -> Fraction:
    """The exact price of a year of 365 days, 52 weeks or 12 months."""
    return Fraction(price * PER_YEAR[cycle.interval], cycle.count)


def direction_of(before: Terms, after: Terms) -> Direction:
    """By the price of a year. A change to the same price is an upgrade."""
    is_lower = yearly_price(after.price, after.cycle) < yearly_price(before.price, before.cycle)
    return Direction.DOWNGRADE if is_lower else Direction.UPGRADE


def change_of_plan(
    segments: Sequence[Segment],
    after: Terms,
    schedule: Schedule,
    at: datetime,
    mode: Mode,
    *,
    prorated: bool = True,
) -> Change:
    """
    What a change at a moment credits and charges. ``segments``: the running ones of the plan's own lines.

    With the same interval the period stays, and the new price is charged for its rest. With another one a new
    period begins at the moment and is charged whole. Raises ``ProrationNeeded``.
    """
    period, same_cycle = schedule.period_at(at), after.cycle == schedule.cycle
    if not prorated:
        if not same_cycle:
            raise ProrationNeeded
        return Change((), None, schedule, period, is_billed_now=False)
    credits_ = credit_rest(segments, at, mode)
    if same_cycle:
        charge = charge_for_rest(after.price, at, period, after.unit, schedule.zone, mode)
        return Change(credits_, charge, schedule, period, is_billed_now=False)
    moved = start_of(at, after.unit, schedule.zone, after.cycle, number=period.number + 1).schedule
    whole = charge_for_rest(
        after.price, moved.boundary(0), moved.period(moved.first_number), after.unit, schedule.zone, mode
    )
    return Change(credits_, whole, moved, moved.period(moved.first_number), is_billed_now=True)


def credit_rest(segments: Sequence[Segment], at: datetime, mode: Mode) -> tuple[Credit, ...]:
    """The credit of each segment for the time from a moment on, as a change, a pause or an end gives it."""
    shares = [(it, it.unused(at, mode)) for it in segments]
    return tuple(Credit(it, share, it.until(at, share)) for it, share in shares)


def credited(credits_: Sequence[Credit]) -> int:
    """What is given back of paid segments, in minor units."""
    return sum(it.share.amount for it in credits_ if not it.segment.is_pending)


def charge_for_add_on(
    price: int, quantity: int, at: datetime, schedule: Schedule, every: int, unit: Unit, mode: Mode
) -> tuple[Share, Period]:
    """
    What an add-on costs from a moment to the end of its first coverage, and the whole coverage.

    The coverage is ``every`` periods long, from the current one on, and has its number. An add-on that is
    charged once has no coverage: it costs its price.
    """
    current = schedule.period_at(at)
    coverage = Period(current.number, current.start, schedule.period(current.number + every - 1).end)
    share = charge_for_rest(price * quantity, at, coverage, unit, schedule.zone, mode)
    return share, coverage
