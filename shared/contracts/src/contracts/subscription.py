"""The facts of subscriptions that orders have sold, in a stream for each line."""

from uuid import UUID

from contracts.envelope import Fact


class ActivationRequested(Fact):
    """The subscription is paid for: what runs it begins it. The stream is the subscription."""

    TYPE = "subscription.activation_requested"
    order_id: UUID
    line_id: str
    customer_id: str
    plan_id: str | None = None


class Activated(Fact):
    TYPE = "subscription.activated"


class CancelRequested(Fact):
    """The line was refunded, or its order cancelled: the subscription ends."""

    TYPE = "subscription.cancel_requested"
    order_id: UUID
    line_id: str
    customer_id: str


SubscriptionFact = ActivationRequested | Activated | CancelRequested
