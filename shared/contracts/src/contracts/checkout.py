"""The facts of checkouts.

What happens to steps is in ``advanced``, one for each decision. Older streams hold a ``StepFact`` for each
step instead; these stay readable for ever.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import process
from contracts.envelope import Fact, Part
from contracts.sale import Destination, Money
from contracts.screening import HoldingRule, Screening
from contracts.upsell import Origin


class GiftSeat(Part):
    """Who gets a seat, by a pseudonym of the address. ``personal`` is encrypted under the buyer's key."""

    address: UUID
    personal: str


class Gifts(Part):
    """Seats that are for others. ``personal`` holds who gets them, encrypted under the buyer's key."""

    recipients: dict[str, int]
    personal: str
    seats: dict[str, tuple[GiftSeat, ...]] = {}
    """Line id to its recipients, and above to their number. Empty in older facts, which lack it."""


class Started(Fact):
    """``personal`` and ``payment_token`` are encrypted under the customer's own key."""

    TYPE = "checkout.started"
    cart_id: UUID
    customer_id: str
    guest: bool
    personal: str
    gateway: str
    payment_method: str
    payment_token: str
    started_at: datetime
    expires_at: datetime
    definition: int
    """The version of the workflow that this checkout follows to its end."""
    destination: Destination | None = None
    """Country and region of the shipping address, or of the billing address if there is none."""
    expected_total: Money | None = None
    """The maximum total that the caller has agreed to."""
    gifts: Gifts | None = None
    max_attempts: int | None = None
    """How often the customer may try to pay; None: once."""
    return_url: str | None = None
    """Where the provider's page leads back to."""
    save: bool | None = None
    """The provider keeps what the token stands for."""
    instalments: dict[str, Any] | None = None
    """Handed to the provider as it is."""
    pay_until: datetime | None = None
    """Until when a payment of hours or days may be paid."""
    place: int | None = None
    """Which of the customer's places for such payments it takes."""
    origin: Origin | None = None
    """The upsell that is bought after another order: ``cart_id`` is that order's. None: it buys a cart."""
    screening: Screening | None = None
    """None: its payments are not screened."""


class Advanced(process.Advanced):
    """What one decision did: first the steps done, refused or undone, then those begun."""

    TYPE = "checkout.advanced"


class ActionRequired(process.ActionRequired):
    """The customer must act before the step can continue: at ``url``, which is empty where there is none, or
    by what is in ``action``."""

    TYPE = "checkout.action_required"
    attempt: int | None = None
    """Which attempt to pay needs it; None: the first."""
    kind: str | None = None
    """``redirect``, ``sdk``, ``pix`` or ``boleto``; None: ``redirect``."""
    action: str | None = None
    """For the customer's browser or bank: ``action`` is encrypted under the customer's own key."""
    until: datetime | None = None
    """When the provider stops waiting."""
    reference: str | None = None
    """The provider's id of the authorization."""


class WaitingBegan(process.WaitingBegan):
    """The checkout waits for a ``customer_action``, for a ``payment`` that takes hours or days, for a
    ``new_payment_method`` after one was declined, for the ``provider``, or for a ``fraud_review``."""

    TYPE = "checkout.waiting_began"


class DeadlineMoved(process.DeadlineMoved):
    TYPE = "checkout.deadline_moved"


class PaymentDeclined(Fact):
    """An attempt to pay was declined, and another one may follow."""

    TYPE = "checkout.payment_declined"
    attempt: int
    code: str
    detail: str
    leaves: bool
    """Something of the attempt is left at the provider, and is voided before the next one."""


class PaymentAttempted(Fact):
    """The customer pays in another way: the next attempt, with a payment of its own."""

    TYPE = "checkout.payment_attempted"
    attempt: int
    """Counts from 1, the one in ``started``."""
    payment_id: UUID
    gateway: str
    method: str
    payment_token: str
    """Encrypted under the customer's own key; empty if the method needs none."""
    instalments: dict[str, Any] | None = None
    return_url: str | None = None
    pay_until: datetime | None = None
    """Until when a payment of hours or days may be paid."""
    place: int | None = None
    """Which of the customer's places for such payments it takes."""
    screening: Screening | None = None
    """None: it is not screened."""


class Screened(Fact):
    """An attempt to pay was screened, in the decision that asks for its payment. Never what was counted."""

    TYPE = "checkout.screened"
    attempt: int
    decision: str
    """``allow``, ``review`` or ``deny``."""
    enforced: bool
    """False: the decision is recorded and not acted on."""
    rules: tuple[HoldingRule, ...]


class ReviewDecided(Fact):
    """A review has ended, by an operator or because its time was over."""

    TYPE = "checkout.review_decided"
    attempt: int
    decision: str
    """``approve`` or ``decline``."""
    reason: str
    operator: str | None = None
    """None: its time was over."""
    removed_lines: tuple[str, ...] = ()
    """Lines that are not sold: the order and the capture are without them."""
    pay_until: datetime | None = None
    """Until when a payment of hours or days may be paid, which is asked for only now."""


class MoneyArrivedLate(Fact):
    """While the checkout was giving an attempt up, the money of the attempt arrived: it is refunded."""

    TYPE = "checkout.money_arrived_late"
    attempt: int
    reference: str | None = None


class CompensationStarted(process.CompensationStarted):
    """The checkout goes back. Streams from before ``advanced`` have ``step_compensation_started`` after it
    instead of ``undoing``."""

    TYPE = "checkout.compensation_started"


class OperatorNeeded(process.OperatorNeeded):
    """A step needs an operator's attention; retries continue."""

    TYPE = "checkout.operator_needed"


class OperatorRetried(process.OperatorRetried):
    """An operator has retried ``steps``: those in progress or being compensated."""

    TYPE = "checkout.operator_retried"


class OperatorGaveUp(process.OperatorGaveUp):
    """An operator has started compensation; ``refund``: captured money is refunded, too."""

    TYPE = "checkout.operator_gave_up"
    refund: bool


class OperatorResolved(process.OperatorResolved):
    """An operator has recorded the outcome of a payment operation that the gateway does not report."""

    TYPE = "checkout.operator_resolved"


class Completed(Fact):
    TYPE = "checkout.completed"
    order_id: UUID
    cart_id: UUID
    customer_id: str
    currency: str
    total: int


class Failed(Fact):
    """The checkout has failed and every compensation is done."""

    TYPE = "checkout.failed"
    cart_id: UUID
    phase: str
    code: str
    detail: str
    data: dict[str, Any] = {}


class StepStarted(Fact):
    """Before ``advanced``: the intent to run a step, recorded before anything is sent."""

    TYPE = "checkout.step_started"
    step: str
    attempt: int = 1
    """Counts from 1."""


class StepCompleted(Fact):
    """Before ``advanced``: a step is done. ``data`` are the results that later steps read, by name."""

    TYPE = "checkout.step_completed"
    step: str
    data: dict[str, Any] = {}


class StepFailed(Fact):
    """Before ``advanced``: a step was refused."""

    TYPE = "checkout.step_failed"
    step: str
    code: str
    detail: str
    data: dict[str, Any] = {}


class StepCompensationStarted(Fact):
    """Before ``advanced``: the intent to undo a step, recorded before anything is sent."""

    TYPE = "checkout.step_compensation_started"
    step: str


class StepCompensated(Fact):
    """Before ``advanced``: a step was undone."""

    TYPE = "checkout.step_compensated"
    step: str


StepFact = StepStarted | StepCompleted | StepFailed | StepCompensationStarted | StepCompensated

CheckoutFact = (
    Started
    | Advanced
    | StepFact
    | ActionRequired
    | WaitingBegan
    | DeadlineMoved
    | PaymentDeclined
    | PaymentAttempted
    | Screened
    | ReviewDecided
    | MoneyArrivedLate
    | CompensationStarted
    | OperatorNeeded
    | OperatorRetried
    | OperatorGaveUp
    | OperatorResolved
    | Completed
    | Failed
)
