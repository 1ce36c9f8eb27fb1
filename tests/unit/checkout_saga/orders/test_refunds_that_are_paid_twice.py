"""Money that the gateway pays back after it was paid back otherwise is recorded, and calls an operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.operations.attention.sources import refund_entry
from checkout_saga.orders.domain.errors import RefundNotResolvable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.operating import RefundOfOrder
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER
from checkout_saga.payments.domain.operation import Done
from contracts import order
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import ORDER
from tests.unit.checkout_saga.orders.test_refunds_that_do_not_end import (
    BACK,
    BY,
    OTHER,
    REFUND,
    SILENCE,
    ask,
    asked_about,
    heard_late,
    looked,
    resolve,
    retry,
    settle,
    stuck,
)

TWICE = order.RefundPaidTwice(
    **stamp(ORDER), refund_id=REFUND, currency="USD", amount=2000, reference=BACK.reference
)


def paid_by_the_bank_and_the_gateway() -> Scenario:
    return stuck().when(resolve, REFUND, "done").when(looked, REFUND, BACK)


def nothing_left_for_what_the_gateway_paid() -> Scenario:
    """It was said not to be done, and everything was given back otherwise."""
    story = stuck().when(resolve, REFUND, "not_done").when(ask, OTHER)
    story.when(settle, OTHER, SILENCE, 7).when(resolve, OTHER, "done")
    return story.when(looked, REFUND, BACK)


def order_of(story: Scenario) -> Order:
    found: list[Order] = []

    async def look(order_id: UUID, work: UnitOfWork) -> None:
        found.append(await work.open(Order, order_id))

    story.when(look, ORDER)
    return found[0]


@pytest.mark.parametrize("heard", ["by the call", "by the look"])
def test_a_gateway_payment_after_the_banks_is_recorded_and_calls_an_operator(heard: str) -> None:
    story = stuck().when(asked_about, REFUND)
    request = story.result
    story.when(resolve, REFUND, "done")
    story.when(heard_late, REFUND, request) if heard == "by the call" else story.when(looked, REFUND, BACK)
    story.then(TWICE).then_no_timer(REFUND_ORDER, REFUND)
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    entry = refund_entry(RefundOfOrder(order_of(story), REFUND))
    assert (entry.code, entry.since, entry.actions) == ("REFUND_PAID_TWICE", NOW, ("resolve",))
    assert entry.detail == "The gateway has paid 2000 USD as well, under ref."


def test_a_payment_beyond_what_is_left_is_recorded_and_not_looked_up_again() -> None:
    story = nothing_left_for_what_the_gateway_paid()
    story.then(TWICE).then_no_timer(REFUND_ORDER, REFUND)
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    assert order_of(story).refunds[REFUND].status == "failed"


TWICE_PAID = [paid_by_the_bank_and_the_gateway, nothing_left_for_what_the_gateway_paid]


@pytest.mark.parametrize("twice", TWICE_PAID)
def test_a_second_payment_is_recorded_once_and_an_operator_closes_it_without_moving_money(
    twice: Callable[[], Scenario],
) -> None:
    story = twice().when(looked, REFUND, BACK).then().when(resolve, REFUND, "done", BACK)
    story.then(order.RefundResolved(**BY, outcome="done", reference="bank-7"))
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    story.when(looked, REFUND, BACK).then()
    story.when(resolve, REFUND, "done").then_refused(RefundNotResolvable)


@pytest.mark.parametrize("twice", TWICE_PAID)
@pytest.mark.parametrize("act", [retry, lambda it, work: resolve(it, work, "not_done")])
def test_a_refund_paid_twice_can_be_neither_retried_nor_resolved_as_not_done(
    twice: Callable[[], Scenario], act: Any
) -> None:
    twice().when(act, REFUND).then_refused(RefundNotResolvable)


def test_a_payment_resolved_with_the_gateways_reference_is_no_second_payment() -> None:
    """The operator has named the reference under which the gateway has paid, or the gateway has."""
    story = stuck().when(resolve, REFUND, "done", BACK).when(looked, REFUND, BACK).then()
    story.then_no_timer(REFUND_ORDER, REFUND).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    story = stuck().when(resolve, REFUND, "done").when(looked, REFUND, Done("bank-7", 2000)).then()
    story.then_no_timer(REFUND_ORDER, REFUND).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)


def test_a_repeated_outcome_is_no_second_payment() -> None:
    story = stuck().when(asked_about, REFUND)
    request = story.result
    story.when(settle, REFUND, BACK).when(heard_late, REFUND, request).then()
