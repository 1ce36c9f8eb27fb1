"""A subscription: requested by the order that has sold it, started on the terms of a plan, cancelled."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from billing.local_time import time_zone
from billing.periods import Cycle, Interval
from billing.starts import start_of
from billing.units import Unit
from checkout_saga.subscriptions.domain.errors import SubscriptionNotActive
from checkout_saga.subscriptions.domain.plan import Plan
from checkout_saga.subscriptions.domain.sold import Sold
from contracts import subscription as facts
from contracts.billed import BilledPeriod
from kernel.domain import UTC_MIN, Aggregate
from kernel.ids import NIL_ID, derive_id


class SubscriptionStatus(StrEnum):
    NONE = "none"
    REQUESTED = "requested"
    """It has not begun: what runs it has not answered, or has refused."""
    ACTIVE = "active"
    CANCELLED = "cancelled"


class Subscription(Aggregate):
    CREATED_BY = facts.ActivationRequested.TYPE

    def initialise(self) -> None:
        self.status = SubscriptionStatus.NONE
        self.order_id, self.line_id, self.customer_id = NIL_ID, "", ""
        self.plan_id: str | None = None
        self.started: facts.Started | None = None
        """None for one without a plan, and for those from before plans: they have no periods."""
        self.activated_at = UTC_MIN
        self.period: BilledPeriod | None = None
        self.cancel_at: datetime | None = None
        """When it ends, while its cancellation is scheduled."""
        self.cancel_reason: str | None = None
        self.cancelled_at: datetime | None = None
        self.refusal: str | None = None
        """The code of the last refusal to begin."""

    @property
    def has_begun(self) -> bool:
        return self.activated_at > UTC_MIN

    @property
    def is_entitled(self) -> bool:
        return self.status is SubscriptionStatus.ACTIVE

    def request(self, sold: Sold) -> None:
        """Of one that was refused, it is requested again."""
        self.record(
            facts.ActivationRequested(
                order_id=sold.order_id,
                line_id=sold.line_id,
                customer_id=sold.customer_id,
                plan_id=sold.plan_id,
            )
        )

    def refuse(self, code: str) -> None:
        self.record(facts.ActivationRefused(code=code))

    def start(self, plan: Plan, currency: str, zone_name: str, now: datetime) -> BilledPeriod:
        """Begin its first period, on the plan's terms as they are now. Raises ``ValueError`` if the plan has
        no price in the currency."""
        recurring = plan.recurring(currency)
        if recurring is None:
            raise ValueError(f"plan {plan.plan_id} has no price in {currency}")
        cycle = Cycle(Interval(recurring.interval), recurring.count)
        unit, zone = Unit(plan.terms.proration_unit), time_zone(zone_name)
        # an order pays a whole period, which begins with it: the plan's day of the month is for those
        # subscriptions whose first invoice prices what lies before that day
        schedule = start_of(now, unit, zone, cycle).schedule
        first = schedule.period(1)
        period = BilledPeriod(number=first.number, starts_at=first.start, ends_at=first.end)
        self.record(
            facts.Started(
                customer_id=self.customer_id,
                order_id=self.order_id,
                plan_id=plan.plan_id,
                terms=plan.terms,
                terms_version=plan.terms_version,
                currency=currency,
                time_zone=zone_name,
                anchor=schedule.anchor.isoformat(),
                proration_unit=unit.value,
                period=period,
                recurring=recurring,
            )
        )
        return period

    def activate(self) -> None:
        self.record(facts.Activated())

    def cancel_at_period_end(self, reason: str | None, now: datetime) -> None:
        """It is entitled until then. Ignored if that is scheduled; at once if the period is over already.
        Raises ``SubscriptionNotActive``."""
        period = self._active_period(now)
        if self.cancel_at is not None:
            return
        if period.ends_at <= now:
            self._cancel("requested", reason, now)
        else:
            self.record(facts.CancelScheduled(at=period.ends_at, reason=reason))

    def cancel_now(self, reason: str | None, now: datetime) -> None:
        """Nothing is given back. Raises ``SubscriptionNotActive``."""
        self._active_period(now)
        self._cancel("requested", reason, now)

    def withdraw_cancellation(self, now: datetime) -> None:
        """Ignored if none is scheduled. Raises ``SubscriptionNotActive``."""
        self._active_period(now)
        if self.cancel_at is not None:
            self.record(facts.CancelWithdrawn())

    def end_as_scheduled(self, now: datetime) -> None:
        """Ignored if it was withdrawn meanwhile, or is not due yet."""
        if self.is_entitled and self.cancel_at is not None and self.cancel_at <= now:
            self._cancel("requested", self.cancel_reason, self.cancel_at)

    def cancel_with_order(self, now: datetime) -> None:
        """Its line was refunded, or its order cancelled. Ignored if it never was requested, and once it has
        ended."""
        if self.status in {SubscriptionStatus.NONE, SubscriptionStatus.CANCELLED}:
            return
        self.record(
            facts.CancelRequested(order_id=self.order_id, line_id=self.line_id, customer_id=self.customer_id)
        )
        if self.started:
            self._cancel("order", None, now)

    def cancel_with_customer(self, now: datetime) -> None:
        """The customer is erased. One without a plan is left to its order."""
        if self.is_entitled and self.started:
            self._cancel("erasure", None, now)

    def _cancel(self, cause: str, reason: str | None, at: datetime) -> None:
        self.record(facts.Cancelled(cause=cause, at=at, reason=reason))

    def _active_period(self, now: datetime) -> BilledPeriod:
        """Raises ``SubscriptionNotActive``, also where a scheduled end is due and not recorded yet."""
        over = self.cancel_at is not None and self.cancel_at <= now
        if not self.is_entitled or over:
            raise SubscriptionNotActive("The subscription has ended.", subscription_status="cancelled")
        if self.period is None:
            raise SubscriptionNotActive(
                "The subscription has no plan: it ends with its order.", subscription_status=self.status
            )
        return self.period

    def evolve(self, fact: facts.SubscriptionFact) -> None:
        match fact:
            case facts.ActivationRequested():
                self.status, self.plan_id = SubscriptionStatus.REQUESTED, fact.plan_id
                self.order_id, self.line_id, self.customer_id = fact.order_id, fact.line_id, fact.customer_id
            case facts.ActivationRefused(code=code):
                self.refusal = code
            case facts.Started(period=period):
                self.started, self.period = fact, period
            case facts.Activated():
                self.status, self.refusal = SubscriptionStatus.ACTIVE, None
                self.activated_at = fact.timestamp
            case facts.CancelRequested():
                self._end(fact.timestamp)  # all that there was before plans; with a plan `cancelled` follows
            case facts.CancelScheduled(at=at, reason=reason):
                self.cancel_at, self.cancel_reason = at, reason
            case facts.CancelWithdrawn():
                self.cancel_at = self.cancel_reason = None
            case facts.Cancelled(at=at):
                self._end(at)
            case _:
                assert_never(fact)

    def _end(self, at: datetime) -> None:
        self.status, self.cancelled_at = SubscriptionStatus.CANCELLED, at
        self.cancel_at = None


def subscription_id_of(order_id: UUID, line_id: str) -> UUID:
    """Derived, so that a line has one subscription."""
    return derive_id(order_id, f"subscription:{line_id}")
