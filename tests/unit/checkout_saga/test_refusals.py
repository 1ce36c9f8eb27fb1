"""A step is refused: exactly the steps that may have happened are compensated, latest first, each once."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.workflow import CHECKOUTS
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
    refused,
    stock_released,
    undone,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered

RELEASE_STOCK = offer.ReleaseStock(**of_step(step_names.RESERVE_STOCK))
RELEASE_PROMOTIONS = offer.ReleasePromotions(**of_step(step_names.RESERVE_PROMOTIONS))


def unlock(code: str) -> cart.Unlock:
    return cart.Unlock(**of_step(step_names.LOCK_CART), cart_id=CART, reason=code)


class Refusal(NamedTuple):
    answer: Reply
    code: str
    data: dict[str, Any]
    undone: tuple[str, ...]
    commands: tuple[Command, ...]


DEARER = Totals(subtotal=2100, discount=0, shipping=0, tax=0, total=2100)
SHORTAGE = stock.Shortage(product_id=PEN, requested=5, available=3)
BEFORE_MONEY = {
    step_names.RESERVE_STOCK: Refusal(
        stock.ReservationRefused(
            **stamp(CHECKOUT),
            **of_step(step_names.RESERVE_STOCK),
            code="INSUFFICIENT_INVENTORY",
            detail="no",
            shortages=(SHORTAGE,),
        ),
        "INSUFFICIENT_INVENTORY",
        {"shortages": [SHORTAGE.model_dump(mode="json")]},
        (step_names.LOCK_CART,),
        (unlock("INSUFFICIENT_INVENTORY"),),
    ),
    step_names.RESERVE_PROMOTIONS: Refusal(
        promotion.ReservationRefused(
            **stamp(CHECKOUT),
            **of_step(step_names.RESERVE_PROMOTIONS),
            code="PROMOTION_LIMIT_REACHED",
            detail="no",
            promotion_id=PROMOTION,
        ),
        "PROMOTION_LIMIT_REACHED",
        {"promotion_id": str(PROMOTION)},
        (step_names.RESERVE_STOCK, step_names.LOCK_CART),
        (RELEASE_STOCK, unlock("PROMOTION_LIMIT_REACHED")),
    ),
    step_names.CONFIRM_PRICE: Refusal(
        price.Refused(
            **stamp(CHECKOUT),
            **of_step(step_names.CONFIRM_PRICE),
            code="PRICE_CHANGED",
            detail="no",
            totals=DEARER,
        ),
        "PRICE_CHANGED",
        {"totals": DEARER.model_dump()},
        (step_names.RESERVE_PROMOTIONS, step_names.RESERVE_STOCK, step_names.LOCK_CART),
        (RELEASE_PROMOTIONS, RELEASE_STOCK, unlock("PRICE_CHANGED")),
    ),
}


def test_a_refused_lock_fails_the_checkout_without_compensation() -> None:
    answer = cart.LockRefused(
        **stamp(CART),
        **of_step(step_names.LOCK_CART),
        code="CART_NOT_ACTIVE",
        detail="no",
        cart_status="expired",
    )
    story = waiting_at(step_names.LOCK_CART).when(CHECKOUTS.on_reply, answer)
    told_why = {"cart_status": "expired"}
    story.then(
        refused(step_names.LOCK_CART, "CART_NOT_ACTIVE", **told_why),
        compensation_started(step_names.LOCK_CART, "CART_NOT_ACTIVE", **told_why),
        checkout_failed(step_names.LOCK_CART, "CART_NOT_ACTIVE", **told_why),
    )
    story.then_sent()
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)


@pytest.mark.parametrize("step", BEFORE_MONEY)
def test_a_refusal_before_the_capture_compensates_all_earlier_steps(step: str) -> None:
    it = BEFORE_MONEY[step]
    story = waiting_at(step).when(CHECKOUTS.on_reply, it.answer)
    story.then(
        refused(step, it.code, **it.data),
        compensation_started(step, it.code, undoing=it.undone, **it.data),
    )
    story.then_sent(*it.commands)
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def test_a_promotion_that_was_not_reserved_is_not_released() -> None:
    answer = BEFORE_MONEY[step_names.CONFIRM_PRICE].answer
    story = waiting_at(step_names.CONFIRM_PRICE, PLAIN).when(CHECKOUTS.on_reply, answer)
    story.then_sent(RELEASE_STOCK, unlock("PRICE_CHANGED"))


@pytest.mark.parametrize("code", ["PAYMENT_DECLINED", "INSUFFICIENT_FUNDS"])
def test_a_declined_authorization_is_neither_voided_nor_refunded(code: str) -> None:
    story = waiting_at(step_names.AUTHORIZE).when(gateway_answered, Operation.AUTHORIZE, Declined(code, "no"))
    story.then(
        payment.Declined(**money("authorize", None), operation="authorize", code=code),
        refused(step_names.AUTHORIZE, code),
        compensation_started(
            step_names.AUTHORIZE,
            code,
            undoing=[step_names.RESERVE_PROMOTIONS, step_names.RESERVE_STOCK, step_names.LOCK_CART],
        ),
    )
    story.then_sent(RELEASE_PROMOTIONS, RELEASE_STOCK, unlock(code))
    story.then_no_timer(Operation.AUTHORIZE, CHECKOUT)
    assert not [it for it in story.work.timers.values() if it]


def test_a_refused_capture_voids_cancels_the_order_and_compensates_the_rest() -> None:
    story = waiting_at(step_names.CAPTURE).when(
        gateway_answered, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no")
    )
    story.then(
        payment.Declined(**money("capture", None), operation="capture", code="CAPTURE_FAILED"),
        refused(step_names.CAPTURE, "CAPTURE_FAILED"),
        compensation_started(
            step_names.CAPTURE,
            "CAPTURE_FAILED",
            undoing=[
                step_names.CREATE_ORDER,
                step_names.AUTHORIZE,
                step_names.RESERVE_PROMOTIONS,
                step_names.RESERVE_STOCK,
                step_names.LOCK_CART,
            ],
        ),
        order_cancelled("CAPTURE_FAILED"),
        undone(step_names.CREATE_ORDER),
    )
    story.then_sent(RELEASE_PROMOTIONS, RELEASE_STOCK, unlock("CAPTURE_FAILED"))
    story.then_timer(Operation.VOID, CHECKOUT, NOW)
    assert (CHECKOUT, Operation.REFUND) not in story.work.timers


CONFIRMATION_REFUSED = reservation.ConfirmationRefused(
    **stamp(CHECKOUT), **of_step(step_names.CONFIRM_STOCK), code="INSUFFICIENT_INVENTORY", detail="no"
)


def test_missing_stock_after_the_capture_means_a_refund_and_no_void() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    story.then(
        refused(step_names.CONFIRM_STOCK, "INSUFFICIENT_INVENTORY"),
        compensation_started(
            step_names.CONFIRM_STOCK,
            "INSUFFICIENT_INVENTORY",
            undoing=[
                step_names.CAPTURE,
                step_names.CREATE_ORDER,
                step_names.RESERVE_PROMOTIONS,
                step_names.RESERVE_STOCK,
                step_names.LOCK_CART,
            ],
        ),
        order_cancelled("INSUFFICIENT_INVENTORY"),
        undone(step_names.CREATE_ORDER),
    )
    story.then_timer(Operation.REFUND, CHECKOUT, NOW)
    assert (CHECKOUT, Operation.VOID) not in story.work.timers


def test_a_free_order_with_missing_stock_makes_no_gateway_call() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK, FREE).when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    assert not [it for it in story.work.timers.values() if it]
    story.then_sent(RELEASE_PROMOTIONS, RELEASE_STOCK, unlock("INSUFFICIENT_INVENTORY"))


def test_a_checkout_fails_only_after_the_last_compensation_reply() -> None:
    story = waiting_at(step_names.CONFIRM_PRICE).when(
        CHECKOUTS.on_reply, BEFORE_MONEY[step_names.CONFIRM_PRICE].answer
    )
    story.when(CHECKOUTS.on_reply, stock_released()).then(undone(step_names.RESERVE_STOCK))
    story.when(CHECKOUTS.on_reply, cart_unlocked()).then(undone(step_names.LOCK_CART))
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)
    totals = DEARER.model_dump()
    story.when(CHECKOUTS.on_reply, promotions_released()).then(
        undone(step_names.RESERVE_PROMOTIONS),
        checkout_failed(step_names.CONFIRM_PRICE, "PRICE_CHANGED", totals=totals),
    )
    story.then_holds(OPEN_CHECKOUT, OPEN_KEY, None)
