"""The facts of payments. Amounts are minor units of ``currency``."""

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


class Authorized(PaymentStep):
    TYPE = "payment.authorized"


class Captured(PaymentStep):
    TYPE = "payment.captured"


class Voided(PaymentStep):
    """No money is held any more. Recorded also if none ever was."""

    TYPE = "payment.voided"


class Refunded(PaymentStep):
    TYPE = "payment.refunded"
    reason: str


class Declined(PaymentStep):
    TYPE = "payment.declined"
    operation: str
    code: str


class ActionRequired(PaymentStep):
    TYPE = "payment.action_required"
    url: str


PaymentFact = Authorized | Captured | Voided | Refunded | Declined | ActionRequired
