"""The facts of payments. Amounts are minor units of ``currency``."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact


class PaymentStep(Fact):
    """``reference`` is the gateway's id of the operation, ``key`` the idempotency key of the call."""

    checkout_id: UUID
    gateway: str
    amount: int
    currency: str
    key: str
    reference: str | None = None
    attempt: int | None = None
    """Which of the checkout's attempts to pay it is; None: the first."""


class Authorized(PaymentStep):
    TYPE = "payment.authorized"
    capture_before: datetime | None = None
    """When the provider ends the authorization, as far as it has said."""
    captured: bool | None = None
    """True: the money has come without ever being held; ``captured`` follows in the same unit of work."""
    instrument: str | None = None
    """Brand and last digits of the card, as far as the provider tells: encrypted under the customer's key."""


class Captured(PaymentStep):
    TYPE = "payment.captured"


class Voided(PaymentStep):
    """No money is held any more. Recorded also if none ever was."""

    TYPE = "payment.voided"


class Refunded(PaymentStep):
    TYPE = "payment.refunded"
    reason: str
    against: str | None = None
    """``clearing``: no paid order accounts for the money. None: an order's refund does."""
    paid_from: str | None = None
    """``bank``: paid outside the gateway, as an operator has found. None: by the gateway."""


class RefundReversed(PaymentStep):
    """The provider has taken the success of a refund back: the money is at the provider again. ``reference``
    and ``key`` are the refund's."""

    TYPE = "payment.refund_reversed"


class DisputeStep(Fact):
    """``amount``: what the customer demands back, in minor units; the provider keeps it while the dispute is
    open."""

    dispute_id: str
    """The provider's own id."""
    checkout_id: UUID
    gateway: str
    amount: int
    currency: str


class DisputeOpened(DisputeStep):
    TYPE = "payment.dispute_opened"
    reason: str
    """The provider's code."""
    due_at: datetime | None = None
    """Until when the shop may answer, as far as the provider tells."""


class DisputeClosed(DisputeStep):
    TYPE = "payment.dispute_closed"
    outcome: str
    """``won``: the shop has the money again; ``lost``: the customer has it."""


class Declined(PaymentStep):
    TYPE = "payment.declined"
    operation: str
    code: str


class ActionRequired(PaymentStep):
    TYPE = "payment.action_required"
    url: str


class Notified(Fact):
    """The provider has announced that something may have changed; what it says is not believed but looked at.
    ``reference`` is the provider's id of the object."""

    TYPE = "payment.notified"
    gateway: str
    event_id: str
    event_type: str
    reference: str | None = None


PaymentFact = (
    Authorized
    | Captured
    | Voided
    | Refunded
    | RefundReversed
    | DisputeOpened
    | DisputeClosed
    | Declined
    | ActionRequired
    | Notified
)
