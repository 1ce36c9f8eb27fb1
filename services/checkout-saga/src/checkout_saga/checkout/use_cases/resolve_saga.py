"""An operator records how a payment operation ended whose outcome the gateway does not report."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.checkout.domain import operator_actions, workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.find_checkout import find_checkout
from checkout_saga.checkout.use_cases.payment_operations import record_outcome, request_for
from checkout_saga.payments.domain.operation import Declined, Done, Operation, Outcome
from checkout_saga.payments.domain.payment import Payment, payment_id_of
from checkout_saga.payments.domain.resolution import DONE, MANUAL_REFERENCE
from kernel.unit_of_work import UnitOfWork


async def resolve_saga(
    checkout_id: UUID, work: UnitOfWork, outcome: str, reason: str, reference: str | None = None
) -> Checkout:
    """The checkout goes on as if the gateway had answered so. The operator gives no amount: the requested one
    counts, or for a void the authorized one."""
    checkout = await find_checkout(checkout_id, work)
    step = operator_actions.resolve(checkout, work.context.actor, reason, outcome, reference)
    operation = Operation.CAPTURE
    if checkout.is_compensating(step):
        operation = Operation.VOID if step == workflow.AUTHORIZE else Operation.REFUND
    request = request_for(checkout, operation, work.context.tenant)
    if request is None:
        raise RuntimeError(f"{operation} is no longer pending")
    resolved: Outcome = Declined("CAPTURE_FAILED", "An operator has found that the payment was not captured.")
    if outcome == DONE:
        authorized = (await work.open(Payment, payment_id_of(checkout.id))).authorized
        amount = authorized if operation is Operation.VOID else request.amount
        resolved = Done(reference or MANUAL_REFERENCE, amount)
    await record_outcome(request, resolved, 0, work)
    return checkout
