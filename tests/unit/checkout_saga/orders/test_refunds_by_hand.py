"""A refund that people pay back: requested so, or left to them by the gateway."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from checkout_saga.operations.attention.sources import refund_entry
from checkout_saga.orders.domain.errors import RefundNotResolvable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import RefundSelection, RefundTerms
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.operating import RefundOfOrder, latest_refund_request
from checkout_saga.orders.use_cases.recovery import resume_order
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import refund_order
from checkout_saga.payments.domain.operation import Declined
from contracts import order, payment
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import CHECKOUT, ORDER
from tests.unit.checkout_saga.orders.test_refunds_of_orders import fulfilled_order
from tests.unit.checkout_saga.orders.test_refunds_that_are_paid_twice import order_of
from tests.unit.checkout_saga.orders.test_refunds_that_do_not_end import (
    BACK,
    BY,
    OTHER,
    REFUND,
    SILENCE,
    ask,
    asked,
    key_of,
    resolve,
    retry,
    settle,
    status,
    stuck,
)

NOT_SUPPORTED = Declined("REFUND_NOT_SUPPORTED", "Boletos cannot be refunded.")
BY_HAND = RefundTerms(reason_code="defective", method="manual")


async def ask_by_hand(refund_id: UUID, work: UnitOfWork) -> None:
    await refund_order(ORDER, refund_id, RefundSelection(1959), "came back", work, terms=BY_HAND)


async def resume(order_id: UUID, work: UnitOfWork) -> None:
    await resume_order(await work.open(Order, order_id), work)


def manual() -> Scenario:
    return fulfilled_order().when(ask_by_hand, REFUND)


def test_x23_a_manual_refund_needs_an_operator_at_once_and_moves_nothing_at_the_gateway() -> None:
    story = manual()
    requested, needed = story.work.facts
    assert isinstance(requested, order.RefundRequested)
    assert (requested.amount, requested.method, requested.reason_code) == (1959, "manual", "defective")
    assert needed == order.RefundStuck(
        **stamp(ORDER) | {"originator_version": needed.originator_version},
        refund_id=REFUND,
        code="REFUND_MANUAL",
        tries=0,
    )
    assert (REFUND, REFUND_ORDER) not in story.work.timers, "no call"
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    entry = refund_entry(RefundOfOrder(order_of(story), REFUND))
    assert (entry.code, entry.tries, entry.actions) == ("REFUND_MANUAL", 0, ("resolve",))
    assert story.when(latest_refund_request_of, REFUND).result is None, "nothing to look up"

    story.when(resolve, REFUND, "done")
    (paid_back,) = [it for it in story.work.facts if isinstance(it, payment.Refunded)]
    assert (paid_back.amount, paid_back.paid_from, paid_back.reference) == (1959, "bank", "bank-7")
    assert [it.TYPE for it in story.work.facts if it.originator_id == ORDER] == [
        "order.refund_resolved",
        "order.refunded",
    ]
    story.then_no_timer(REFUND_ORDER, REFUND).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    assert status(story) == "refunded"


async def latest_refund_request_of(refund_id: UUID, work: UnitOfWork) -> Any:
    return await latest_refund_request(ORDER, refund_id, work)


async def request_now(refund_id: UUID, work: UnitOfWork) -> Any:
    return await refund_request(ORDER, refund_id, work)


def test_a_manual_refund_that_was_not_paid_frees_its_amount() -> None:
    story = manual().when(resolve, REFUND, "not_done")
    assert (REFUND, REFUND_ORDER) not in story.work.timers, "nothing to look up later"
    assert status(story) == "failed"
    story.when(ask, OTHER).then_timer(REFUND_ORDER, OTHER, NOW)


@pytest.mark.parametrize("before", [[], ["not_done"]])
def test_a_manual_refund_cannot_be_retried(before: list[str]) -> None:
    story = manual()
    for outcome in before:
        story.when(resolve, REFUND, outcome)
    story.when(retry, REFUND).then_refused(RefundNotResolvable)


@pytest.mark.parametrize("outcomes", [[], ["done"], ["not_done"]])
def test_no_call_is_made_for_a_manual_refund_after_its_facts_were_recovered(outcomes: list[str]) -> None:
    story = manual()
    for outcome in outcomes:
        story.when(resolve, REFUND, outcome)
    story.world.claims.clear()  # recovered facts come without keys and timers
    story.when(resume, ORDER)
    assert (REFUND, REFUND_ORDER) not in story.work.timers
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None if outcomes else ORDER)


@pytest.mark.parametrize("before", [asked, stuck])
def test_what_the_gateway_cannot_refund_is_left_to_people_and_does_not_fail(before: Any) -> None:
    story = before().when(settle, REFUND, NOT_SUPPORTED)
    assert [it.TYPE for it in story.work.facts] == ["order.refund_stuck"]
    story.then_no_timer(REFUND_ORDER, REFUND).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    assert status(story) == "needs_operator"
    assert order_of(story).refundable == 0, "it still takes its amount"
    assert story.when(request_now, REFUND).result is None
    story.when(resolve, REFUND, "done", NOT_SUPPORTED)
    assert status(story) == "refunded"


def test_an_operator_may_have_the_gateway_try_again_under_a_new_key() -> None:
    story = asked().when(settle, REFUND, NOT_SUPPORTED).when(retry, REFUND)
    story.then(order.RefundRetried(**BY, intent=2)).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    story.when(key_of, REFUND).then_result(f"{CHECKOUT}:refund:{REFUND}:2")
    story.when(settle, REFUND, SILENCE, 7)
    assert status(story) == "needs_operator"
    story.when(settle, REFUND, BACK)
    assert status(story) == "refunded"
