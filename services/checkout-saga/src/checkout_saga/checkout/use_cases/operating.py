"""What an operator does with a checkout that does not go on by itself: retry, compensate, resolve."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.buying import find_checkout
from checkout_saga.checkout.use_cases.payment_outcomes import record_outcome, request_for
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Declined, Done, Operation, Outcome
from checkout_saga.payments.domain.payment import Payment
from checkout_saga.payments.domain.resolution import MANUAL_REFERENCE
from contracts import checkout as facts
from kernel.process import operator
from kernel.process.state import Reason
from kernel.unit_of_work import UnitOfWork


async def retry_saga(checkout_id: UUID, work: UnitOfWork, reason: str) -> Checkout:
    """Have the commands and calls under way repeated at once."""
    checkout = await find_checkout(checkout_id, work)
    await operator.retry(CHECKOUTS, checkout, reason, work)
    return checkout


async def compensate_saga(
    checkout_id: UUID, work: UnitOfWork, reason: str, *, refund: bool = False
) -> Checkout:
    """After the capture only with ``refund``, and only until the order is fulfilled."""
    checkout = await find_checkout(checkout_id, work)
    decision = facts.OperatorGaveUp(operator=work.context.actor, reason=reason, refund=refund)
    why = Reason("CHECKOUT_CANCELLED", "An operator cancelled the checkout.")
    await operator.give_up(CHECKOUTS, checkout, decision, why, work, past_pivot=refund)
    return checkout


async def resolve_saga(
    checkout_id: UUID, work: UnitOfWork, outcome: str, reason: str, reference: str | None = None
) -> Checkout:
    """Record how a payment operation ended whose outcome the gateway does not report. The checkout goes on as
    if the gateway had answered so. The operator gives no amount: the requested one counts, or for a void the
    authorized one."""
    checkout = await find_checkout(checkout_id, work)
    operation = Operation(operator.resolve(CHECKOUTS, checkout, outcome, reason, reference, work))
    request = request_for(checkout, operation, work.context.tenant)
    if request is None:
        raise RuntimeError(f"{operation} is no longer pending")
    resolved: Outcome = Declined("CAPTURE_FAILED", "An operator has found that the payment was not captured.")
    if outcome == operator.DONE:
        authorized = (await work.open(Payment, request.payment_id)).authorized
        amount = authorized if operation is Operation.VOID else request.amount
        resolved = Done(reference or MANUAL_REFERENCE, amount)
    await record_outcome(request, resolved, 0, work)
    return checkout
