"""A step is refused: exactly the steps that may have happened are compensated, latest first, each once."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.use_cases.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.use_cases.replies import on_reply
from checkout_saga.payments.domain.operation import Declined, Operation
from contracts import cart, offer, payment, price, promotion, reservation, stock
from contracts.envelope import Command, Reply
from contracts.sale import Totals
from tests.support.scenario import NOW, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    FREE,
    OPEN_KEY,
    PEN,
    PLAIN,
    PROMOTION,
    cart_unlocked,
    checkout_failed,
    compensation_started,
    money,
    of_step,
    order_cancelled,
    promotions_released,
    step_compensated,
    step_compensation_started,
    step_failed,
    stock_released,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered

RELEASE_STOCK = offer.ReleaseStock(**of_step(workflow.RESERVE_STOCK))
RELEASE_PROMOTIONS = offer.ReleasePromotions(**of_step(workflow.RESERVE_PROMOTIONS))


def unlock(code: str) -> cart.Unlock:
    return cart.Unlock(**of_step(workflow.LOCK_CART), cart_id=CART, reason=code)


class Refusal(NamedTuple):
    answer: Reply
    code: str
    data: dict[str, Any]
    undone: tuple[str, ...]
    commands: tuple[Command, ...]


DEARER = Totals(subtotal=2100, discount=0, shipping=0, tax=0, total=2100)
SHORTAGE = stock.Shortage(product_id=PEN, requested=5, available=3)
BEFORE_MONEY = {
    workflow.RESERVE_STOCK: Refusal(
        stock.ReservationRefused(
            **stamp(CHECKOUT),
            **of_step(workflow.RESERVE_STOCK),
            code="INSUFFICIENT_INVENTORY",
            detail="no",
            shortages=(SHORTAGE,),
        ),
        "INSUFFICIENT_INVENTORY",
        {"shortages": [SHORTAGE.model_dump(mode="json")]},
        (workflow.LOCK_CART,),
        (unlock("INSUFFICIENT_INVENTORY"),),
    ),
    workflow.RESERVE_PROMOTIONS: Refusal(
        promotion.ReservationRefused(
            **stamp(CHECKOUT),
            **of_step(workflow.RESERVE_PROMOTIONS),
            code="PROMOTION_LIMIT_REACHED",
            detail="no",
            promotion_id=PROMOTION,
        ),
        "PROMOTION_LIMIT_REACHED",
        {"promotion_id": str(PROMOTION)},
        (workflow.RESERVE_STOCK, workflow.LOCK_CART),
        (RELEASE_STOCK, unlock("PROMOTION_LIMIT_REACHED")),
    ),
    workflow.CONFIRM_PRICE: Refusal(
        price.Refused(
            **stamp(CHECKOUT),
            **of_step(workflow.CONFIRM_PRICE),
            code="PRICE_CHANGED",
            detail="no",
            totals=DEARER,
        ),
        "PRICE_CHANGED",
        {"totals": DEARER.model_dump()},
        (workflow.RESERVE_PROMOTIONS, workflow.RESERVE_STOCK, workflow.LOCK_CART),
        (RELEASE_PROMOTIONS, RELEASE_STOCK, unlock("PRICE_CHANGED")),
    ),
}


def test_a_refused_lock_fails_the_checkout_without_compensation() -> None:
    answer = cart.LockRefused(
        **stamp(CART),
        **of_step(workflow.LOCK_CART),
        code="CART_NOT_ACTIVE",
        detail="no",
        cart_status="expired",
    )
    story = waiting_at(workflow.LOCK_CART).when(on_reply, answer)
    told_why = {"cart_status": "expired"}
    story.then(
        step_failed(workflow.LOCK_CART, "CART_NOT_ACTIVE", **told_why),
        compensation_started(workflow.LOCK_CART, "CART_NOT_ACTIVE", **told_why),
        checkout_failed(workflow.LOCK_CART, "CART_NOT_ACTIVE", **told_why),
    )
    story.then_sent()
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)


@pytest.mark.parametrize("step", BEFORE_MONEY)
def test_a_refusal_before_the_capture_compensates_all_earlier_steps(step: str) -> None:
    it = BEFORE_MONEY[step]
    story = waiting_at(step).when(on_reply, it.answer)
    story.then(
        step_failed(step, it.code, **it.data),
        compensation_started(step, it.code, **it.data),
        *(step_compensation_started(one) for one in it.undone),
    )
    story.then_sent(*it.commands)
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def test_a_promotion_that_was_not_reserved_is_not_released() -> None:
    answer = BEFORE_MONEY[workflow.CONFIRM_PRICE].answer
    story = waiting_at(workflow.CONFIRM_PRICE, PLAIN).when(on_reply, answer)
    story.then_sent(RELEASE_STOCK, unlock("PRICE_CHANGED"))


@pytest.mark.parametrize("code", ["PAYMENT_DECLINED", "INSUFFICIENT_FUNDS"])
def test_a_declined_authorization_is_neither_voided_nor_refunded(code: str) -> None:
    story = waiting_at(workflow.AUTHORIZE).when(gateway_answered, Operation.AUTHORIZE, Declined(code, "no"))
    story.then(
        payment.Declined(**money("authorize", None), operation="authorize", code=code),
        step_failed(workflow.AUTHORIZE, code),
        compensation_started(workflow.AUTHORIZE, code),
        step_compensation_started(workflow.RESERVE_PROMOTIONS),
        step_compensation_started(workflow.RESERVE_STOCK),
        step_compensation_started(workflow.LOCK_CART),
    )
    story.then_sent(RELEASE_PROMOTIONS, RELEASE_STOCK, unlock(code))
    story.then_no_timer(Operation.AUTHORIZE, CHECKOUT)
    assert not [it for it in story.work.timers.values() if it]


def test_a_refused_capture_voids_cancels_the_order_and_compensates_the_rest() -> None:
    story = waiting_at(workflow.CAPTURE).when(
        gateway_answered, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no")
    )
    story.then(
        payment.Declined(**money("capture", None), operation="capture", code="CAPTURE_FAILED"),
        step_failed(workflow.CAPTURE, "CAPTURE_FAILED"),
        compensation_started(workflow.CAPTURE, "CAPTURE_FAILED"),
        order_cancelled("CAPTURE_FAILED"),
        step_compensated(workflow.CREATE_ORDER),
        step_compensation_started(workflow.AUTHORIZE),
        step_compensation_started(workflow.RESERVE_PROMOTIONS),
        step_compensation_started(workflow.RESERVE_STOCK),
        step_compensation_started(workflow.LOCK_CART),
    )
    story.then_sent(RELEASE_PROMOTIONS, RELEASE_STOCK, unlock("CAPTURE_FAILED"))
    story.then_timer(Operation.VOID, CHECKOUT, NOW)
    assert (CHECKOUT, Operation.REFUND) not in story.work.timers


CONFIRMATION_REFUSED = reservation.ConfirmationRefused(
    **stamp(CHECKOUT), **of_step(workflow.CONFIRM_STOCK), code="INSUFFICIENT_INVENTORY", detail="no"
)


def test_missing_stock_after_the_capture_means_a_refund_and_no_void() -> None:
    story = waiting_at(workflow.CONFIRM_STOCK).when(on_reply, CONFIRMATION_REFUSED)
    story.then(
        step_failed(workflow.CONFIRM_STOCK, "INSUFFICIENT_INVENTORY"),
        compensation_started(workflow.CONFIRM_STOCK, "INSUFFICIENT_INVENTORY"),
        step_compensation_started(workflow.CAPTURE),
        order_cancelled("INSUFFICIENT_INVENTORY"),
        step_compensated(workflow.CREATE_ORDER),
        step_compensation_started(workflow.RESERVE_PROMOTIONS),
        step_compensation_started(workflow.RESERVE_STOCK),
        step_compensation_started(workflow.LOCK_CART),
    )
    story.then_timer(Operation.REFUND, CHECKOUT, NOW)
    assert (CHECKOUT, Operation.VOID) not in story.work.timers


def test_a_free_order_with_missing_stock_makes_no_gateway_call() -> None:
    story = waiting_at(workflow.CONFIRM_STOCK, FREE).when(on_reply, CONFIRMATION_REFUSED)
    assert not [it for it in story.work.timers.values() if it]
    story.then_sent(RELEASE_PROMOTIONS, RELEASE_STOCK, unlock("INSUFFICIENT_INVENTORY"))


def test_a_checkout_fails_only_after_the_last_compensation_reply() -> None:
    story = waiting_at(workflow.CONFIRM_PRICE).when(on_reply, BEFORE_MONEY[workflow.CONFIRM_PRICE].answer)
    story.when(on_reply, stock_released()).then(step_compensated(workflow.RESERVE_STOCK))
    story.when(on_reply, cart_unlocked()).then(step_compensated(workflow.LOCK_CART))
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)
    totals = DEARER.model_dump()
    story.when(on_reply, promotions_released()).then(
        step_compensated(workflow.RESERVE_PROMOTIONS),
        checkout_failed(workflow.CONFIRM_PRICE, "PRICE_CHANGED", totals=totals),
    )
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)
