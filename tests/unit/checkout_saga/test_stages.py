"""The offer service is asked for all it has to do with a checkout at once; its answers come in any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations

import pytest

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.use_cases.replies import on_reply
from checkout_saga.payments.domain.operation import Operation
from contracts import cart, offer, promotion, stock
from contracts.envelope import Fact, Reply
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import (
    CART,
    CHECKOUT,
    CUSTOMER,
    OPEN_KEY,
    OTHER_PROMOTION,
    PLAIN,
    PROMOTION,
    SALE,
    WANTED,
    cart_locked,
    checkout_failed,
    checkout_started,
    compensation_started,
    facts_of_step,
    fields_of,
    of_step,
    price_confirmed,
    promotions_released,
    promotions_reserved,
    step_compensated,
    step_compensation_started,
    step_completed,
    step_failed,
    step_started,
    stock_released,
    stock_reserved,
)

ASKED_TOGETHER = workflow.RESERVE_STOCK, workflow.RESERVE_PROMOTIONS, workflow.CONFIRM_PRICE
RESERVE_STOCK = offer.ReserveStock(**of_step(workflow.RESERVE_STOCK), wanted=WANTED)
RESERVE_PROMOTIONS = offer.ReservePromotions(
    **of_step(workflow.RESERVE_PROMOTIONS), promotion_ids=(PROMOTION, OTHER_PROMOTION), customer_id=CUSTOMER
)
CONFIRM_PRICE = offer.ConfirmPrice(**of_step(workflow.CONFIRM_PRICE), customer_id=CUSTOMER, sale=SALE)
NOT_THERE = stock.ReservationRefused(
    **stamp(CHECKOUT), **of_step(workflow.RESERVE_STOCK), code="INSUFFICIENT_INVENTORY", detail="no"
)
NO_USE_LEFT = promotion.ReservationRefused(
    **stamp(CHECKOUT), **of_step(workflow.RESERVE_PROMOTIONS), code="PROMOTION_LIMIT_REACHED", detail="no"
)
ANSWERS: tuple[Callable[[], Reply], ...] = (stock_reserved, promotions_reserved, price_confirmed)


def locking() -> Scenario:
    past = checkout_started(workflow.CURRENT), step_started(workflow.LOCK_CART)
    return given(*past).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def asking() -> Scenario:
    """The cart is locked, and the offer service has been asked for everything."""
    past: list[Fact] = [checkout_started(workflow.CURRENT), *facts_of_step(workflow.LOCK_CART)]
    past += [step_started(it) for it in ASKED_TOGETHER]
    return given(*past).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def answered(story: Scenario, answers: Sequence[Reply]) -> Scenario:
    for it in answers:
        story.when(on_reply, it)
    return story


def seen(story: Scenario) -> Checkout:
    checkout = Checkout.empty(CHECKOUT)
    for fact in story.world.past[CHECKOUT]:
        fact.mutate(checkout)
    return checkout


def test_stock_promotions_and_price_are_asked_for_at_once_and_in_this_order() -> None:
    story = locking().when(on_reply, cart_locked())
    held = fields_of(cart_locked(), "sale", "lock_expires_at")
    story.then(step_completed(workflow.LOCK_CART, **held), *[step_started(it) for it in ASKED_TOGETHER])
    story.then_sent_under(CHECKOUT, RESERVE_STOCK, RESERVE_PROMOTIONS, CONFIRM_PRICE)
    assert seen(story).phase == workflow.RESERVE_STOCK


def test_without_a_promotion_only_stock_and_price_are_asked_for() -> None:
    story = locking().when(on_reply, cart_locked(PLAIN))
    story.then(
        step_completed(workflow.LOCK_CART, **fields_of(cart_locked(PLAIN), "sale", "lock_expires_at")),
        step_started(workflow.RESERVE_STOCK),
        step_completed(workflow.RESERVE_PROMOTIONS),
        step_started(workflow.CONFIRM_PRICE),
    )
    story.then_sent(RESERVE_STOCK, CONFIRM_PRICE.model_copy(update={"sale": PLAIN}))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_authorization_starts_after_the_last_reply_of_the_stage(order: Sequence[int]) -> None:
    answers = [ANSWERS[it]() for it in order]
    story = answered(asking(), answers[:2])
    assert not story.work.timers
    assert seen(story).phase == answers[2].step
    story.when(on_reply, answers[2])
    story.then_timer(Operation.AUTHORIZE, CHECKOUT, NOW)
    assert seen(story).phase == workflow.AUTHORIZE


def test_each_answer_is_recorded_once_however_often_it_comes() -> None:
    story = answered(asking(), [stock_reserved(), stock_reserved()])
    story.then_nothing()


def test_missing_stock_compensates_the_other_steps_of_its_stage() -> None:
    story = asking().when(on_reply, NOT_THERE)
    phase, code = workflow.RESERVE_STOCK, "INSUFFICIENT_INVENTORY"
    story.then(
        step_failed(phase, code, shortages=[]),
        compensation_started(phase, code, shortages=[]),
        step_compensation_started(workflow.RESERVE_PROMOTIONS),
        step_compensation_started(workflow.LOCK_CART),
    )
    story.then_sent(
        offer.ReleasePromotions(**of_step(workflow.RESERVE_PROMOTIONS)),
        cart.Unlock(**of_step(workflow.LOCK_CART), cart_id=CART, reason=code),
    )


def test_a_second_refusal_of_a_stage_is_ignored() -> None:
    story = asking().when(on_reply, NO_USE_LEFT).when(on_reply, NOT_THERE)
    story.then_nothing()
    found = seen(story).failure
    assert found is not None
    assert (found.phase, found.code) == (workflow.RESERVE_PROMOTIONS, "PROMOTION_LIMIT_REACHED")


def test_a_late_success_after_a_refusal_is_compensated_before_the_end() -> None:
    story = asking().when(on_reply, NO_USE_LEFT)
    story.then_sent(
        offer.ReleaseStock(**of_step(workflow.RESERVE_STOCK)),
        cart.Unlock(**of_step(workflow.LOCK_CART), cart_id=CART, reason="PROMOTION_LIMIT_REACHED"),
    )
    story.when(on_reply, stock_reserved()).then_nothing()
    story.when(on_reply, stock_released()).then(step_compensated(workflow.RESERVE_STOCK))
    unlocked = cart.Unlocked(**stamp(CART), **of_step(workflow.LOCK_CART), reason="given up")
    story.when(on_reply, unlocked)
    story.then(
        step_compensated(workflow.LOCK_CART),
        checkout_failed(workflow.RESERVE_PROMOTIONS, "PROMOTION_LIMIT_REACHED"),
    )
    story.when(on_reply, promotions_released()).then_nothing()
