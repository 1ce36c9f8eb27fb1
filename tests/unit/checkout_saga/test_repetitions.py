"""Repeated, late and misdirected replies are ignored."""

from __future__ import annotations

from uuid import UUID

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.use_cases.buying import cancel_checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Operation, Outcome, Unknown
from contracts.envelope import Reply
from tests.unit.checkout_saga import test_refusals
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    cart_locked,
    cart_unlocked,
    price_confirmed,
    promotions_released,
    promotions_reserved,
    stock_confirmed,
    stock_released,
    stock_reserved,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered

ANSWERS = {
    step_names.LOCK_CART: cart_locked(),
    step_names.RESERVE_STOCK: stock_reserved(),
    step_names.RESERVE_PROMOTIONS: promotions_reserved(),
    step_names.CONFIRM_PRICE: price_confirmed(),
    step_names.CONFIRM_STOCK: stock_confirmed(),
}
REFUSALS = {step: it.answer for step, it in test_refusals.BEFORE_MONEY.items()}
COMPENSATING_OPERATIONS = (cart_unlocked(), stock_released(), promotions_released())
OUTCOMES = (Done("ref", 2000), Declined("PAYMENT_DECLINED", "no"), ActionNeeded("ref", url="u"), Unknown("?"))


@pytest.mark.parametrize("step", ANSWERS)
def test_a_repeated_reply_is_ignored(step: str) -> None:
    waiting_at(step).when(CHECKOUTS.on_reply, ANSWERS[step]).when(
        CHECKOUTS.on_reply, ANSWERS[step]
    ).then_nothing()


@pytest.mark.parametrize("step", REFUSALS)
def test_a_repeated_refusal_is_ignored(step: str) -> None:
    waiting_at(step).when(CHECKOUTS.on_reply, REFUSALS[step]).when(
        CHECKOUTS.on_reply, REFUSALS[step]
    ).then_nothing()


@pytest.mark.parametrize("step", REFUSALS)
def test_a_success_after_a_refusal_is_ignored(step: str) -> None:
    waiting_at(step).when(CHECKOUTS.on_reply, REFUSALS[step]).when(
        CHECKOUTS.on_reply, ANSWERS[step]
    ).then_nothing()


@pytest.mark.parametrize("step", [it for it in ANSWERS if it != step_names.CONFIRM_STOCK])
def test_a_reply_during_compensation_is_ignored(step: str) -> None:
    story = waiting_at(step).when(cancel_checkout, CHECKOUT)
    story.when(CHECKOUTS.on_reply, ANSWERS[step]).then_nothing()


@pytest.mark.parametrize("undone", COMPENSATING_OPERATIONS, ids=lambda it: str(it.TYPE))
def test_a_repeated_compensation_reply_is_ignored(undone: Reply) -> None:
    story = waiting_at(step_names.CONFIRM_PRICE).when(cancel_checkout, CHECKOUT)
    story.when(CHECKOUTS.on_reply, undone).when(CHECKOUTS.on_reply, undone).then_nothing()


@pytest.mark.parametrize("undone", COMPENSATING_OPERATIONS, ids=lambda it: str(it.TYPE))
def test_an_unrequested_compensation_reply_is_ignored(undone: Reply) -> None:
    waiting_at(step_names.CAPTURE).when(CHECKOUTS.on_reply, undone).then_nothing()


@pytest.mark.parametrize("step", ANSWERS)
def test_a_reply_to_an_ended_checkout_is_ignored(step: str) -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, stock_confirmed())
    story.when(CHECKOUTS.on_reply, ANSWERS[step]).then_nothing()


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("operation", Operation)
def test_an_outcome_of_an_operation_that_is_not_pending_is_ignored(
    operation: Operation, outcome: Outcome
) -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(gateway_answered, operation, outcome)
    story.then_nothing().then_no_timer(operation, CHECKOUT)


def test_a_reply_to_an_unknown_checkout_is_ignored() -> None:
    stranger = cart_locked().model_copy(update={"process_id": UUID(int=77)})
    waiting_at(step_names.LOCK_CART).when(CHECKOUTS.on_reply, stranger).then_nothing()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=lambda it: str(it.TYPE))
def test_no_reply_of_another_service_completes_a_payment_step(answer: Reply) -> None:
    forged = answer.model_copy(update={"step": step_names.CAPTURE})
    waiting_at(step_names.CAPTURE).when(CHECKOUTS.on_reply, forged).then_nothing()


def test_every_answer_belongs_to_a_step_of_the_current_definition() -> None:
    workflow = CHECKOUTS.workflow
    assert {it.step for it in workflow.outcomes.values()} <= set(workflow.steps_of(workflow.current))
