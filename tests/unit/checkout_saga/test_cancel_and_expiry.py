"""The customer cancels the checkout, or its deadline passes: at every step."""

from __future__ import annotations

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.errors import CheckoutNotFound, TooLateToCancel
from checkout_saga.checkout.use_cases.buying import cancel_checkout, confirm_action
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.checkout.workflow import DEADLINE as DEADLINE_TIMER
from checkout_saga.payments.domain.operation import ActionNeeded, Done, Operation
from contracts import cart, offer, payment
from contracts.envelope import Command
from tests.support.scenario import Scenario, given
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    DEADLINE,
    WANTED,
    advanced,
    compensation_started,
    effects_of,
    money,
    of_step,
    price_confirmed,
    stock_confirmed,
    success_of,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.test_repetitions import ANSWERS

CANCELLED = "CHECKOUT_CANCELLED", "The customer cancelled the checkout."
EXPIRED = "CHECKOUT_SESSION_EXPIRED", "The checkout was not completed in time."
UNDONE = {
    step_names.LOCK_CART: [step_names.LOCK_CART],
    step_names.RESERVE_STOCK: [step_names.RESERVE_STOCK, step_names.LOCK_CART],
    step_names.RESERVE_PROMOTIONS: [
        step_names.RESERVE_PROMOTIONS,
        step_names.RESERVE_STOCK,
        step_names.LOCK_CART,
    ],
    step_names.CONFIRM_PRICE: [step_names.RESERVE_PROMOTIONS, step_names.RESERVE_STOCK, step_names.LOCK_CART],
    step_names.AUTHORIZE: [
        step_names.AUTHORIZE,
        step_names.RESERVE_PROMOTIONS,
        step_names.RESERVE_STOCK,
        step_names.LOCK_CART,
    ],
}
"""The step under way, whose outcome is not known yet -> the steps that are compensated then."""
ASK_BACK = {
    step_names.RESERVE_STOCK: offer.ReleaseStock(**of_step(step_names.RESERVE_STOCK)),
    step_names.RESERVE_PROMOTIONS: offer.ReleasePromotions(**of_step(step_names.RESERVE_PROMOTIONS)),
}


def commands(step: str, code: str) -> list[Command]:
    unlock = cart.Unlock(**of_step(step_names.LOCK_CART), cart_id=CART, reason=code)
    return [*(ASK_BACK[it] for it in UNDONE[step] if it in ASK_BACK), unlock]


def overdue(step: str) -> Scenario:
    return waiting_at(step).at(DEADLINE)


@pytest.mark.parametrize("step", UNDONE)
def test_a_cancelled_checkout_compensates_also_the_step_under_way(step: str) -> None:
    story = waiting_at(step).when(cancel_checkout, CHECKOUT)
    story.then(compensation_started(step, *CANCELLED, undoing=UNDONE[step]))
    story.then_sent(*commands(step, CANCELLED[0]))


@pytest.mark.parametrize("step", UNDONE)
def test_an_expired_checkout_compensates_also_the_step_under_way(step: str) -> None:
    story = overdue(step).when(CHECKOUTS.on_deadline, CHECKOUT)
    story.then(compensation_started(step, *EXPIRED, undoing=UNDONE[step]))
    story.then_sent(*commands(step, EXPIRED[0]))


@pytest.mark.parametrize("step", UNDONE)
def test_a_deadline_during_compensation_is_ignored(step: str) -> None:
    overdue(step).when(cancel_checkout, CHECKOUT).when(CHECKOUTS.on_deadline, CHECKOUT).then_nothing()


@pytest.mark.parametrize("step", [step_names.CAPTURE, step_names.CONFIRM_STOCK])
def test_after_the_start_of_the_capture_the_deadline_is_ignored(step: str) -> None:
    overdue(step).when(CHECKOUTS.on_deadline, CHECKOUT).then_nothing()


@pytest.mark.parametrize("step", [step_names.CAPTURE, step_names.CONFIRM_STOCK])
def test_after_the_start_of_the_capture_it_is_too_late_to_cancel(step: str) -> None:
    waiting_at(step).when(cancel_checkout, CHECKOUT).then_refused(
        TooLateToCancel, checkout_status="processing"
    )


def test_a_checkout_is_cancelled_once() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(cancel_checkout, CHECKOUT).when(cancel_checkout, CHECKOUT)
    story.then_refused(TooLateToCancel, checkout_status="compensating")


def test_a_checkout_that_is_complete_cannot_be_cancelled_and_has_no_deadline() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, stock_confirmed())
    story.at(DEADLINE).when(CHECKOUTS.on_deadline, CHECKOUT).then_nothing()
    story.when(cancel_checkout, CHECKOUT).then_refused(TooLateToCancel, checkout_status="completed")


def test_a_checkout_that_does_not_exist_can_neither_be_cancelled_nor_expire() -> None:
    given().when(CHECKOUTS.on_deadline, CHECKOUT).then_nothing()
    given().when(cancel_checkout, CHECKOUT).then_refused(CheckoutNotFound)


@pytest.mark.parametrize("step", UNDONE)
def test_a_reply_after_the_deadline_does_not_advance_the_checkout(step: str) -> None:
    """After an outage a reply may be handled before the timer."""
    if step == step_names.AUTHORIZE:
        story = overdue(step).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    else:
        story = overdue(step).when(CHECKOUTS.on_reply, ANSWERS[step])
    assert (CHECKOUT, Operation.CAPTURE) not in story.work.timers
    assert [it.TYPE for it in story.work.facts].count("checkout.compensation_started") == 1
    assert [it.command for it in story.work.sent] == commands(step, EXPIRED[0])


def test_an_authorization_that_comes_after_the_deadline_is_voided_and_makes_no_order() -> None:
    story = overdue(step_names.AUTHORIZE).when(gateway_answered, Operation.AUTHORIZE, Done("ref", 2000))
    story.then(
        payment.Authorized(**money("authorize")),
        advanced(done=[success_of(step_names.AUTHORIZE)]),
        compensation_started(step_names.AUTHORIZE, *EXPIRED, undoing=UNDONE[step_names.AUTHORIZE]),
    )
    story.then_timer(Operation.VOID, CHECKOUT, DEADLINE)


def test_a_capture_that_was_started_in_time_is_completed_after_the_deadline() -> None:
    story = overdue(step_names.CAPTURE).when(gateway_answered, Operation.CAPTURE, Done("ref", 2000))
    assert {it.TYPE for it in story.work.facts} >= {"payment.captured", "order.paid"}
    story.then_sent(offer.ConfirmStock(**of_step(step_names.CONFIRM_STOCK), wanted=WANTED))


def test_just_before_the_deadline_the_checkout_advances() -> None:
    story = (
        waiting_at(step_names.CONFIRM_PRICE)
        .after(minutes=14, seconds=59)
        .when(CHECKOUTS.on_reply, price_confirmed())
    )
    story.then(
        *effects_of(step_names.RESOLVE_CUSTOMER), waiting_at(step_names.AUTHORIZE).world.past[CHECKOUT][-1]
    )


def test_a_customer_who_never_comes_back_from_the_gateways_page_is_voided() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(
        gateway_answered, Operation.AUTHORIZE, ActionNeeded("ref", url="https://page")
    )
    story.when(confirm_action, CHECKOUT).at(DEADLINE).when(CHECKOUTS.on_deadline, CHECKOUT)
    story.then(compensation_started(step_names.AUTHORIZE, *EXPIRED, undoing=UNDONE[step_names.AUTHORIZE]))
    story.then_no_timer(Operation.CONFIRM, CHECKOUT)
    story.then_timer(Operation.VOID, CHECKOUT, DEADLINE)


def test_compensation_cancels_the_timer_of_the_call_under_way() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(cancel_checkout, CHECKOUT)
    story.then_no_timer(Operation.AUTHORIZE, CHECKOUT)


def test_the_deadline_is_cancelled_at_the_end() -> None:
    waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, stock_confirmed()).then_no_timer(
        DEADLINE_TIMER, CHECKOUT
    )
