"""All that can happen to a payment. Amounts are minor units of ``currency``."""

from uuid import UUID

from contracts.envelope import Fact


class PaymentStep(Fact):
    """``reference`` is the gateway's own id of what it did, ``key`` the idempotency key it was asked with."""

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
    """Nothing is held any more; also where nothing ever was."""

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
