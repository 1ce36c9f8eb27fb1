"""The offer service is asked for all it has to do with a checkout at once; its answers come in any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Operation
from contracts import cart, offer, promotion, stock
from contracts.envelope import Reply
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    COUNTED_SALE,
    CUSTOMER,
    OPEN_KEY,
    OTHER_PROMOTION,
    PLAIN,
    PROMOTION,
    SALE,
    WANTED,
    advanced,
    cart_locked,
    checkout_failed,
    checkout_started,
    compensation_started,
    done,
    of_step,
    price_confirmed,
    promotions_released,
    promotions_reserved,
    refused,
    stock_released,
    stock_reserved,
    success_of,
    undone,
)

CURRENT = CHECKOUTS.workflow.current
ASKED_TOGETHER = step_names.RESERVE_STOCK, step_names.RESERVE_PROMOTIONS, step_names.CONFIRM_PRICE
RESERVE_STOCK = offer.ReserveStock(**of_step(step_names.RESERVE_STOCK), wanted=WANTED)
RESERVE_PROMOTIONS = offer.ReservePromotions(
    **of_step(step_names.RESERVE_PROMOTIONS),
    promotion_ids=(PROMOTION, OTHER_PROMOTION),
    customer_id=CUSTOMER,
    sale=COUNTED_SALE,
)
CONFIRM_PRICE = offer.ConfirmPrice(**of_step(step_names.CONFIRM_PRICE), customer_id=CUSTOMER, sale=SALE)
NOT_THERE = stock.ReservationRefused(
    **stamp(CHECKOUT), **of_step(step_names.RESERVE_STOCK), code="INSUFFICIENT_INVENTORY", detail="no"
)
NO_USE_LEFT = promotion.ReservationRefused(
    **stamp(CHECKOUT), **of_step(step_names.RESERVE_PROMOTIONS), code="PROMOTION_LIMIT_REACHED", detail="no"
)
ANSWERS: tuple[Callable[[], Reply], ...] = (stock_reserved, promotions_reserved, price_confirmed)


def locking() -> Scenario:
    past = checkout_started(CURRENT), advanced(step_names.LOCK_CART)
    return given(*past).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def asking() -> Scenario:
    """The cart is locked, and the offer service has been asked for everything."""
    past = [
        checkout_started(CURRENT),
        advanced(step_names.LOCK_CART),
        advanced(*ASKED_TOGETHER, done=[success_of(step_names.LOCK_CART)]),
    ]
    return given(*past).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def answered(story: Scenario, answers: Sequence[Reply]) -> Scenario:
    for it in answers:
        story.when(CHECKOUTS.on_reply, it)
    return story


def seen(story: Scenario) -> Checkout:
    checkout = Checkout.empty(CHECKOUT)
    for fact in story.world.past[CHECKOUT]:
        fact.mutate(checkout)
    return checkout


def test_stock_promotions_and_price_are_asked_for_at_once_and_in_this_order() -> None:
    story = locking().when(CHECKOUTS.on_reply, cart_locked())
    story.then(advanced(*ASKED_TOGETHER, done=[success_of(step_names.LOCK_CART)]))
    story.then_sent_under(CHECKOUT, RESERVE_STOCK, RESERVE_PROMOTIONS, CONFIRM_PRICE)
    assert seen(story).phase == step_names.RESERVE_STOCK


def test_without_a_promotion_only_stock_and_price_are_asked_for() -> None:
    story = locking().when(CHECKOUTS.on_reply, cart_locked(PLAIN))
    ended = success_of(step_names.LOCK_CART, PLAIN), done(step_names.RESERVE_PROMOTIONS)
    story.then(advanced(step_names.RESERVE_STOCK, step_names.CONFIRM_PRICE, done=ended))
    story.then_sent(RESERVE_STOCK, CONFIRM_PRICE.model_copy(update={"sale": PLAIN}))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_authorization_starts_after_the_last_reply_of_the_stage(order: Sequence[int]) -> None:
    answers = [ANSWERS[it]() for it in order]
    story = answered(asking(), answers[:2])
    assert not story.work.timers
    assert seen(story).phase == answers[2].step
    story.when(CHECKOUTS.on_reply, answers[2])
    story.then_timer(Operation.AUTHORIZE, CHECKOUT, NOW)
    assert seen(story).phase == step_names.AUTHORIZE


def test_each_answer_is_recorded_once_however_often_it_comes() -> None:
    story = answered(asking(), [stock_reserved(), stock_reserved()])
    story.then_nothing()


def test_missing_stock_compensates_the_other_steps_of_its_stage() -> None:
    story = asking().when(CHECKOUTS.on_reply, NOT_THERE)
    phase, code = step_names.RESERVE_STOCK, "INSUFFICIENT_INVENTORY"
    story.then(
        refused(phase, code, shortages=[]),
        compensation_started(
            phase, code, shortages=[], undoing=[step_names.RESERVE_PROMOTIONS, step_names.LOCK_CART]
        ),
    )
    story.then_sent(
        offer.ReleasePromotions(**of_step(step_names.RESERVE_PROMOTIONS)),
        cart.Unlock(**of_step(step_names.LOCK_CART), cart_id=CART, reason=code),
    )


def test_a_second_refusal_of_a_stage_is_ignored() -> None:
    story = asking().when(CHECKOUTS.on_reply, NO_USE_LEFT).when(CHECKOUTS.on_reply, NOT_THERE)
    story.then_nothing()
    found = seen(story).failure
    assert found is not None
    assert (found.phase, found.code) == (step_names.RESERVE_PROMOTIONS, "PROMOTION_LIMIT_REACHED")


def test_a_late_success_after_a_refusal_is_compensated_before_the_end() -> None:
    story = asking().when(CHECKOUTS.on_reply, NO_USE_LEFT)
    story.then_sent(
        offer.ReleaseStock(**of_step(step_names.RESERVE_STOCK)),
        cart.Unlock(**of_step(step_names.LOCK_CART), cart_id=CART, reason="PROMOTION_LIMIT_REACHED"),
    )
    story.when(CHECKOUTS.on_reply, stock_reserved()).then_nothing()
    story.when(CHECKOUTS.on_reply, stock_released()).then(undone(step_names.RESERVE_STOCK))
    unlocked = cart.Unlocked(**stamp(CART), **of_step(step_names.LOCK_CART), reason="given up")
    story.when(CHECKOUTS.on_reply, unlocked)
    story.then(
        undone(step_names.LOCK_CART),
        checkout_failed(step_names.RESERVE_PROMOTIONS, "PROMOTION_LIMIT_REACHED"),
    )
    story.when(CHECKOUTS.on_reply, promotions_released()).then_nothing()
