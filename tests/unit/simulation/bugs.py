"""The bugs by which the kept regression cases were found, patched into the running code."""

from __future__ import annotations

from typing import Any

import pytest

from checkout_saga.checkout import payment_calls
from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.steps import STEPS, Step, no_action
from checkout_saga.checkout.use_cases import advance, compensate, payment_operations
from checkout_saga.payments.domain.operation import Declined, Operation, Outcome, PaymentRequest, Unknown
from kernel.messaging import batch
from kernel.unit_of_work import UnitOfWork
from offer.promotions.domain.promotion import Promotion


def what_was_captured_is_not_given_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        compensate, "STEPS", {**STEPS, workflow.CAPTURE: Step(STEPS[workflow.CAPTURE].action, no_action)}
    )


def an_unknown_capture_is_taken_for_a_refused_one(patch: pytest.MonkeyPatch) -> None:
    async def hasty(request: PaymentRequest, outcome: Outcome, tries: int, work: UnitOfWork) -> None:
        if request.operation is Operation.CAPTURE and isinstance(outcome, Unknown):
            outcome = Declined("CAPTURE_FAILED", "it took too long")
        await payment_operations.record_outcome(request, outcome, tries, work)

    patch.setattr(payment_calls, "record_outcome", hasty)


def an_authorization_is_never_let_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        compensate, "STEPS", {**STEPS, workflow.AUTHORIZE: Step(STEPS[workflow.AUTHORIZE].action, no_action)}
    )


def a_promotion_has_no_limits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Promotion, "ineligibility", lambda *_: None)


def what_memory_says_is_never_compared(patch: pytest.MonkeyPatch) -> None:
    async def trusting(*_: Any) -> None:
        return

    patch.setattr(batch, "verify_cached_reads", trusting)


def a_cart_is_sold_as_often_as_it_is_locked(patch: pytest.MonkeyPatch) -> None:
    async def unconcerned(*_: Any) -> bool:
        return False

    patch.setattr(advance, "claim_sale_or_compensate", unconcerned)
