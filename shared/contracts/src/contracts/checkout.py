"""All that can happen to a checkout."""

from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Fact
from contracts.sale import Destination, Money


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
    """Which version of the steps this checkout goes by, to its end."""
    destination: Destination | None = None
    """Country and region of the shipping address, or else of the billing address."""
    expected_total: Money | None = None
    """The most that the caller has agreed to."""


class StepStarted(Fact):
    """The intent, recorded before anything leaves; ``attempt`` counts from 1."""

    TYPE = "checkout.step_started"
    step: str
    attempt: int = 1


class StepCompleted(Fact):
    TYPE = "checkout.step_completed"
    step: str
    data: dict[str, Any] = {}


class StepFailed(Fact):
    TYPE = "checkout.step_failed"
    step: str
    code: str
    detail: str
    data: dict[str, Any] = {}


class ActionRequired(Fact):
    """The customer has to do something at the gateway before it goes on."""

    TYPE = "checkout.action_required"
    step: str
    url: str


class CompensationStarted(Fact):
    TYPE = "checkout.compensation_started"
    phase: str
    code: str
    detail: str
    data: dict[str, Any] = {}


class StepCompensationStarted(Fact):
    """The intent to take a step back, recorded before anything leaves."""

    TYPE = "checkout.step_compensation_started"
    step: str


class StepCompensated(Fact):
    TYPE = "checkout.step_compensated"
    step: str


class OperatorNeeded(Fact):
    """Retries go on, but somebody should look at it."""

    TYPE = "checkout.operator_needed"
    step: str
    code: str
    detail: str


class OperatorRetried(Fact):
    """What is under way was asked for once more; ``steps`` are those that are being taken, or taken back."""

    TYPE = "checkout.operator_retried"
    operator: str
    reason: str
    steps: tuple[str, ...]


class OperatorGaveUp(Fact):
    """Everything is to be taken back; ``refund``: what has been captured, too."""

    TYPE = "checkout.operator_gave_up"
    operator: str
    reason: str
    refund: bool


class OperatorResolved(Fact):
    """How a payment operation ended, where the gateway does not tell: somebody has seen to it outside."""

    TYPE = "checkout.operator_resolved"
    operator: str
    reason: str
    step: str
    outcome: str
    reference: str | None = None


class Completed(Fact):
    TYPE = "checkout.completed"
    order_id: UUID
    cart_id: UUID
    customer_id: str
    currency: str
    total: int


class Failed(Fact):
    """Every compensation is done."""

    TYPE = "checkout.failed"
    cart_id: UUID
    phase: str
    code: str
    detail: str
    data: dict[str, Any] = {}


CheckoutFact = (
    Started
    | StepStarted
    | StepCompleted
    | StepFailed
    | ActionRequired
    | CompensationStarted
    | StepCompensationStarted
    | StepCompensated
    | OperatorNeeded
    | OperatorRetried
    | OperatorGaveUp
    | OperatorResolved
    | Completed
    | Failed
)
