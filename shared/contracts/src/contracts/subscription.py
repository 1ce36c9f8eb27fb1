"""The facts of subscriptions. Of one that an order has sold there is a stream for its line."""

from datetime import datetime
from uuid import UUID

from contracts.billed import BilledPeriod
from contracts.envelope import Fact, Part
from contracts.plan import PlanTerms


class Recurring(Part):
    """What every further period costs. Each fact that changes it has it, so that readers need no plan."""

    amount: int
    currency: str
    interval: str
    count: int


class ActivationRequested(Fact):
    """The subscription is paid for: what runs it begins it. The stream is the subscription."""

    TYPE = "subscription.activation_requested"
    order_id: UUID
    line_id: str
    customer_id: str
    plan_id: str | None = None


class ActivationRefused(Fact):
    """It has not begun, and costs nothing more. ``code``: why, such as ``PLAN_NOT_ACTIVE``."""

    TYPE = "subscription.activation_refused"
    code: str


class Started(Fact):
    """Its periods begin. The terms are frozen: a renewal asks no other service.

    Subscriptions from before plans have no such fact; they are active without terms and periods.
    """

    TYPE = "subscription.started"
    customer_id: str
    order_id: UUID
    plan_id: UUID
    terms: PlanTerms
    terms_version: int
    currency: str
    time_zone: str
    anchor: str
    """The time from which all periods are counted, as the clocks of ``time_zone`` show it: ISO 8601, without
    an offset."""
    proration_unit: str
    period: BilledPeriod
    recurring: Recurring


class Activated(Fact):
    TYPE = "subscription.activated"


class CancelRequested(Fact):
    """The line was refunded, or its order cancelled: the subscription ends."""

    TYPE = "subscription.cancel_requested"
    order_id: UUID
    line_id: str
    customer_id: str


class CancelScheduled(Fact):
    """It ends at ``at``, and is entitled until then, unless that is withdrawn."""

    TYPE = "subscription.cancel_scheduled"
    at: datetime
    reason: str | None = None
    """The caller's words, without personal data."""


class CancelWithdrawn(Fact):
    TYPE = "subscription.cancel_withdrawn"


class Cancelled(Fact):
    """It has ended, for good. ``cause``: ``requested``, ``order`` or ``erasure`` of the customer."""

    TYPE = "subscription.cancelled"
    cause: str
    at: datetime
    reason: str | None = None
    """The caller's words, without personal data."""


SubscriptionFact = (
    ActivationRequested
    | ActivationRefused
    | Started
    | Activated
    | CancelRequested
    | CancelScheduled
    | CancelWithdrawn
    | Cancelled
)
