"""Outcomes of the gateway, for tests of a checkout."""

from __future__ import annotations

from checkout_saga.checkout.use_cases.payment_outcomes import record_outcome
from checkout_saga.payments.domain.operation import Operation, Outcome
from kernel.unit_of_work import UnitOfWork
from tests.unit.checkout_saga.examples import request


async def gateway_answered(
    operation: Operation, work: UnitOfWork, outcome: Outcome, tries: int = 0, intent: int = 1
) -> None:
    """Record the outcome of this operation."""
    await record_outcome(request(operation, intent), outcome, tries, work)
