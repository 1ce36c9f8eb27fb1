"""The share of an amount for a part of its time.

Only the credit for unused time is rounded. What was used is the rest, so both add up to what was paid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from billing.periods import Period
from billing.units import Unit, cut, units_between
from pricing.rounding import Mode, divide


@dataclass(frozen=True, slots=True)
class Share:
    """``amount``: minor units, for ``units`` ``of`` all units of the time."""

    amount: int
    units: int
    of: int


@dataclass(frozen=True, slots=True)
class Segment:
    """
    What one line was charged for: some time, and an amount for it.

    ``paid``: after the line's discount, before tax on top of it, less the credits given on it since.
    ``unit``: that of the plan by which it was charged.
    """

    line_id: str
    start: datetime
    end: datetime
    paid: int
    unit: Unit
    zone: ZoneInfo
    is_pending: bool = False
    """It is to be charged with the next invoice: nothing has been paid for it yet."""

    def unused(self, at: datetime, mode: Mode) -> Share:
        """The credit for the time from a moment on; where days count, for its whole day, too."""
        begin = max(cut(at, self.unit, self.zone), self.start)
        whole = units_between(self.start, self.end, self.unit, self.zone)
        left = max(0, units_between(begin, self.end, self.unit, self.zone))
        return _share(self.paid, left, whole, mode)

    def until(self, at: datetime, credit: Share) -> Segment:
        """What is left of it once the credit for the time from ``at`` on is given."""
        end = min(max(cut(at, self.unit, self.zone), self.start), self.end)
        return replace(self, end=end, paid=self.paid - credit.amount)

    def less(self, credit: int) -> Segment:
        """After a credit that is for no part of its time. Raises ``ValueError`` if it is above the rest."""
        if not 0 <= credit <= self.paid:
            raise ValueError(f"{credit} cannot be credited on {self.paid}")
        return replace(self, paid=self.paid - credit)


def charge_for_rest(
    price: int, at: datetime, period: Period, unit: Unit, zone: ZoneInfo, mode: Mode
) -> Share:
    """The price of the rest of a period, from a moment on; it is compared with the whole period."""
    begin = max(cut(at, unit, zone), period.start)
    whole = units_between(period.start, period.end, unit, zone)
    return _share(price, max(0, units_between(begin, period.end, unit, zone)), whole, mode)


def _share(amount: int, units: int, of: int, mode: Mode) -> Share:
    """Of a time without units nothing is left: a segment that begins and ends on one local day."""
    return Share(divide(amount * units, of, mode) if of else 0, units, of)
