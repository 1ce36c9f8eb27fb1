"""Mistakes that checkouts elsewhere have made, one rule for each, so that this one never makes them."""

from __future__ import annotations

from collections import Counter

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.actions import promotion_ids, stock_demand
from checkout_saga.checkout.use_cases.buying import cancel_checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Declined, Done, Operation, Unknown
from contracts import checkout, offer
from tests.support.scenario import Scenario
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    OTHER_PROMOTION,
    PEN,
    PROMOTION,
    SALE,
    cart_locked,
    cart_unlocked,
    of_step,
    price_confirmed,
    promotions_released,
    stock_confirmed,
    stock_released,
    waiting_at,
)
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.test_refusals import CONFIRMATION_REFUSED


def kinds(story: Scenario) -> list[str]:
    return [it.TYPE for it in story.work.facts]


def commands(story: Scenario) -> list[str]:
    return [it.command.TYPE for it in story.work.sent]


def calls(story: Scenario) -> set[str]:
    return {kind for (_, kind), timer in story.work.timers.items() if timer}


def test_s1_a_checkout_that_is_over_never_gets_a_second_contradicting_end() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, stock_confirmed())
    for late in (CONFIRMATION_REFUSED, stock_released(), cart_unlocked()):
        story.when(CHECKOUTS.on_reply, late)
    ends = Counter(it.TYPE for it in story.world.past[CHECKOUT])
    assert (ends["checkout.completed"], ends["checkout.failed"]) == (1, 0)


def test_s2_a_charge_without_an_answer_is_recorded_as_started_and_compensated() -> None:
    story = waiting_at(step_names.CONFIRM_PRICE).when(CHECKOUTS.on_reply, price_confirmed())
    begun = [it.begun for it in story.work.facts if isinstance(it, checkout.Advanced)]
    assert begun == [(step_names.AUTHORIZE,)]
    assert calls(story) == {Operation.AUTHORIZE}
    story.when(gateway_answered, Operation.AUTHORIZE, Unknown("silence")).when(cancel_checkout, CHECKOUT)
    assert calls(story) == {Operation.VOID}


def test_s3_a_declined_payment_is_never_refunded() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(
        gateway_answered, Operation.AUTHORIZE, Declined("PAYMENT_DECLINED", "no")
    )
    assert calls(story) == set()


def test_s4_a_failed_compensation_is_repeated_and_delays_no_other() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(cancel_checkout, CHECKOUT)
    assert commands(story) == ["offer.release_promotions", "offer.release_stock", "cart.unlock"]
    for answer in (promotions_released(), stock_released(), cart_unlocked()):
        story.when(gateway_answered, Operation.VOID, Unknown("silence"))
        assert calls(story) == {Operation.VOID}
        story.when(CHECKOUTS.on_reply, answer)
    assert "checkout.failed" not in kinds(story)
    story.when(gateway_answered, Operation.VOID, Done("ref", 2000))
    assert {"payment.voided", "checkout.failed"} <= set(kinds(story))


def test_s5_what_was_sold_is_confirmed_and_never_becomes_sellable_again() -> None:
    story = waiting_at(step_names.CAPTURE).when(gateway_answered, Operation.CAPTURE, Done("ref", 2000))
    assert commands(story) == ["offer.confirm_stock"]
    story.when(CHECKOUTS.on_reply, stock_confirmed())
    assert "offer.release_stock" not in commands(story)


def test_s6_a_captured_payment_of_a_failed_order_is_refunded() -> None:
    story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    assert calls(story) == {Operation.REFUND}
    for answer in (promotions_released(), stock_released(), cart_unlocked()):
        story.when(CHECKOUTS.on_reply, answer)
    assert "checkout.failed" not in kinds(story)
    story.when(gateway_answered, Operation.REFUND, Done("ref", 2000))
    assert {"payment.refunded", "order.refunded", "checkout.failed"} <= set(kinds(story))


def test_s7_all_lines_are_reserved_by_one_request_so_that_none_leaks() -> None:
    story = waiting_at(step_names.LOCK_CART).when(CHECKOUTS.on_reply, cart_locked())
    assert story.work.sent[0].command == offer.ReserveStock(
        **of_step(step_names.RESERVE_STOCK), wanted=stock_demand(SALE)
    )
    assert sum(it.quantity for it in stock_demand(SALE) if it.product_id == PEN) == 2 + 3


def test_s11_the_same_promotion_is_used_once_however_often_the_cart_names_it() -> None:
    twice = SALE.model_copy(update={"discounts": SALE.discounts + SALE.discounts})
    assert promotion_ids(twice) == (PROMOTION, OTHER_PROMOTION)


@pytest.mark.parametrize(
    ("taken", "undoing"), [(False, Operation.VOID), (True, Operation.REFUND)], ids=["held", "captured"]
)
def test_s12_an_authorization_is_voided_a_capture_is_refunded_and_never_both(
    taken: bool, undoing: Operation
) -> None:
    if taken:
        story = waiting_at(step_names.CONFIRM_STOCK).when(CHECKOUTS.on_reply, CONFIRMATION_REFUSED)
    else:
        story = waiting_at(step_names.CAPTURE).when(
            gateway_answered, Operation.CAPTURE, Declined("CAPTURE_FAILED", "no")
        )
    assert calls(story) == {undoing}
