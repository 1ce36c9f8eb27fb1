"""The bugs by which the kept regression cases were found, patched into the running code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from checkout_saga.checkout import payment_calls
from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases import payment_outcomes
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Declined, Operation, Outcome, PaymentRequest, Unknown
from kernel.messaging import batch
from kernel.process.workflow import Step, nothing
from kernel.unit_of_work import UnitOfWork
from offer.promotions.domain.promotion import Promotion
from tests.proofs.simulation import actors, operators

STEPS = CHECKOUTS.workflow.steps


def _change(patch: pytest.MonkeyPatch, step: str, **row: Any) -> None:
    """Change the row of this step in the workflow."""
    patch.setitem(cast(dict[str, Step[Checkout]], STEPS), step, replace(STEPS[step], **row))


def what_was_captured_is_not_given_back(patch: pytest.MonkeyPatch) -> None:
    _change(patch, step_names.CAPTURE, undo=nothing)


def an_unknown_capture_is_taken_for_a_refused_one(patch: pytest.MonkeyPatch) -> None:
    async def hasty(request: PaymentRequest, outcome: Outcome, tries: int, work: UnitOfWork) -> None:
        if request.operation is Operation.CAPTURE and isinstance(outcome, Unknown):
            outcome = Declined("CAPTURE_FAILED", "it took too long")
        await payment_outcomes.record_outcome(request, outcome, tries, work)

    patch.setattr(payment_calls, "record_outcome", hasty)


def an_authorization_is_never_let_go(patch: pytest.MonkeyPatch) -> None:
    _change(patch, step_names.AUTHORIZE, undo=nothing)


def a_promotion_has_no_limits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Promotion, "ineligibility", lambda *_: None)


def what_memory_says_is_never_compared(patch: pytest.MonkeyPatch) -> None:
    async def trusting(*_: Any) -> None:
        return

    patch.setattr(batch, "verify_cached_reads", trusting)


def a_cart_is_sold_as_often_as_it_is_locked(patch: pytest.MonkeyPatch) -> None:
    _change(patch, step_names.CAPTURE, guard=None)


def an_operators_try_is_not_recorded(patch: pytest.MonkeyPatch) -> None:
    async def silent(*_: Any) -> None:
        return

    patch.setattr(actors, "retry_refund", silent)
    patch.setattr(operators, "resolve_refund", silent)
