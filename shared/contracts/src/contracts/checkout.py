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


class Gifts(Part):
    """Seats that are for others. ``personal`` holds who gets them, encrypted under the buyer's key."""

    recipients: dict[str, int]
    """Line id to the number of its recipients."""
    personal: str


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


class Advanced(process.Advanced):
    """What one decision did: first the steps done, refused or undone, then those begun."""

    TYPE = "checkout.advanced"


class ActionRequired(process.ActionRequired):
    """The customer must act at ``url`` before the step can continue."""

    TYPE = "checkout.action_required"


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
    | CompensationStarted
    | OperatorNeeded
    | OperatorRetried
    | OperatorGaveUp
    | OperatorResolved
    | Completed
    | Failed
)
