"""Answers that come twice, too late, or to the wrong address change nothing."""

from __future__ import annotations

from uuid import UUID

import pytest

from checkout_saga.application.cancel import cancel_checkout
from checkout_saga.application.ports import ActionNeeded, Declined, Done, Outcome, Unknown
from checkout_saga.application.replies import REPLIES, on_reply
from checkout_saga.domain import workflow
from checkout_saga.domain.steps import Operation
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
    workflow.LOCK_CART: cart_locked(),
    workflow.RESERVE_STOCK: stock_reserved(),
    workflow.RESERVE_PROMOTIONS: promotions_reserved(),
    workflow.CONFIRM_PRICE: price_confirmed(),
    workflow.CONFIRM_STOCK: stock_confirmed(),
}
REFUSALS = {step: it.answer for step, it in test_refusals.BEFORE_MONEY.items()}
COMPENSATING_OPERATIONS = (cart_unlocked(), stock_released(), promotions_released())
OUTCOMES = (Done("ref", 2000), Declined("PAYMENT_DECLINED", "no"), ActionNeeded("ref", "u"), Unknown("?"))


@pytest.mark.parametrize("step", ANSWERS)
def test_an_answer_that_comes_twice_is_heard_once(step: str) -> None:
    waiting_at(step).when(on_reply, ANSWERS[step]).when(on_reply, ANSWERS[step]).then_nothing()


@pytest.mark.parametrize("step", REFUSALS)
def test_a_refusal_that_comes_twice_is_heard_once(step: str) -> None:
    waiting_at(step).when(on_reply, REFUSALS[step]).when(on_reply, REFUSALS[step]).then_nothing()


@pytest.mark.parametrize("step", REFUSALS)
def test_a_yes_after_a_no_changes_nothing(step: str) -> None:
    waiting_at(step).when(on_reply, REFUSALS[step]).when(on_reply, ANSWERS[step]).then_nothing()


@pytest.mark.parametrize("step", [it for it in ANSWERS if it != workflow.CONFIRM_STOCK])
def test_an_answer_after_giving_up_changes_nothing_for_the_undoing_is_on_its_way(step: str) -> None:
    story = waiting_at(step).when(cancel_checkout, CHECKOUT)
    story.when(on_reply, ANSWERS[step]).then_nothing()


@pytest.mark.parametrize("undone", COMPENSATING_OPERATIONS, ids=lambda it: str(it.TYPE))
def test_an_undoing_is_heard_once(undone: Reply) -> None:
    story = waiting_at(workflow.CONFIRM_PRICE).when(cancel_checkout, CHECKOUT)
    story.when(on_reply, undone).when(on_reply, undone).then_nothing()


@pytest.mark.parametrize("undone", COMPENSATING_OPERATIONS, ids=lambda it: str(it.TYPE))
def test_what_nobody_asked_to_undo_does_not_end_a_checkout_that_goes_well(undone: Reply) -> None:
    waiting_at(workflow.CAPTURE).when(on_reply, undone).then_nothing()


@pytest.mark.parametrize("step", ANSWERS)
def test_an_answer_to_a_checkout_that_is_over_changes_nothing(step: str) -> None:
    story = waiting_at(workflow.CONFIRM_STOCK).when(on_reply, stock_confirmed())
    story.when(on_reply, ANSWERS[step]).then_nothing()


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize("operation", Operation)
def test_an_outcome_that_is_no_longer_wanted_changes_nothing(operation: Operation, outcome: Outcome) -> None:
    story = waiting_at(workflow.CONFIRM_STOCK).when(gateway_answered, operation, outcome)
    story.then_nothing().then_no_timer(operation, CHECKOUT)


def test_an_answer_about_an_unknown_checkout_changes_nothing() -> None:
    stranger = cart_locked().model_copy(update={"process_id": UUID(int=77)})
    waiting_at(workflow.LOCK_CART).when(on_reply, stranger).then_nothing()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=lambda it: str(it.TYPE))
def test_nobody_but_the_gateway_can_say_that_money_was_taken(answer: Reply) -> None:
    forged = answer.model_copy(update={"step": workflow.CAPTURE})
    waiting_at(workflow.CAPTURE).when(on_reply, forged).then_nothing()


def test_every_answer_belongs_to_a_step_of_the_current_definition() -> None:
    assert {it.step for it in REPLIES.values()} <= set(workflow.steps_of(workflow.CURRENT))
