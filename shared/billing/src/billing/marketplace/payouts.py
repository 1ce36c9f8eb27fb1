"""The balance of a vendor in one currency, and what a payout of it takes. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from billing.local_time import local_time
from billing.periods import Cycle, Interval, Schedule, on_day


@dataclass(frozen=True, slots=True)
class EarningAccount:
    """
    What has become of one earning.

    ``reversals``: by refunds, lost disputes and fees. ``held``: because of open disputes. What is reversed or
    held after the payout makes a debt.
    """

    share: int
    is_matured: bool = False
    reversals: int = 0
    held: int = 0
    in_transit: int = 0
    paid_out: int = 0

    @property
    def free(self) -> int:
        return self.share - self.reversals - self.held - self.in_transit - self.paid_out


@dataclass(frozen=True, slots=True)
class VendorBalance:
    """``available``: matured, in no payout and not held, before debts."""

    pending: int
    available: int
    held: int
    debt: int
    in_transit: int
    paid_out: int


class NoPayout(StrEnum):
    NOTHING_AVAILABLE = "nothing_available"
    BELOW_MINIMUM = "below_minimum"


def balance_of(accounts: Iterable[EarningAccount]) -> VendorBalance:
    """Its parts less the debt are the shares less what was reversed."""
    kept = tuple(accounts)
    return VendorBalance(
        pending=sum(max(0, it.free) for it in kept if not it.is_matured),
        available=sum(max(0, it.free) for it in kept if it.is_matured),
        held=sum(it.held for it in kept),
        debt=sum(max(0, -it.free) for it in kept),
        in_transit=sum(it.in_transit for it in kept),
        paid_out=sum(it.paid_out for it in kept),
    )


def payout_of(balance: VendorBalance, minimum: int) -> int | NoPayout:
    """All that is available less debts, or why nothing is paid out yet."""
    amount = balance.available - balance.debt
    if amount <= 0:
        return NoPayout.NOTHING_AVAILABLE
    return amount if amount >= minimum else NoPayout.BELOW_MINIMUM


class PayoutInterval(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


def next_payout(
    interval: PayoutInterval, after: datetime, zone: ZoneInfo, *, weekday: int = 0, day: int = 1
) -> datetime:
    """
    The first local midnight after a moment at which the vendor is paid.

    ``weekday``: 0 is Monday. ``day`` of the month, or its last one in a shorter month.
    """
    midnight = local_time(after, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if interval is PayoutInterval.MONTHLY:
        schedule = Schedule(on_day(midnight, 0, day), zone, Cycle(Interval.MONTH), day)
    elif interval is PayoutInterval.WEEKLY:
        monday = midnight - timedelta(days=midnight.weekday())
        schedule = Schedule(monday + timedelta(days=weekday), zone, Cycle(Interval.WEEK))
    else:
        schedule = Schedule(midnight, zone, Cycle(Interval.DAY))
    return schedule.period_at(after).end
