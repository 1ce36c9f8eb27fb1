"""A refund that the gateway refuses or does not answer needs an operator, and ends once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from checkout_saga.orders.domain.errors import OrderNotFound, RefundNotFound, RefundNotResolvable
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import EVERYTHING, RefundPart, RefundSelection
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.operating import (
    latest_refund_request,
    record_gateway_check,
    resolve_refund,
    retry_refund,
)
from checkout_saga.orders.use_cases.refund_requests import GATEWAY_CHECK_DELAY, REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import record_refund, refund_order
from checkout_saga.payments.domain.operation import Declined, Done, Outcome, PaymentRequest, Unknown
from contracts import order, payment
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import CHECKOUT, ORDER, all_refunded
from tests.unit.checkout_saga.orders.test_refunds_of_orders import fulfilled_order

REFUND, OTHER = UUID(int=0xF1), UUID(int=0xF2)
SILENCE = Unknown("silence")
NO = Declined("REFUND_EXCEEDS_CAPTURE", "no")
BACK = Done("ref", 2000)
BY = {**stamp(ORDER), "refund_id": REFUND, "operator": "tester", "reason": "seen to"}


async def ask(refund_id: UUID, work: UnitOfWork, amount: int | None = None) -> None:
    await refund_order(ORDER, refund_id, RefundSelection(amount), "came back", work)


async def settle(refund_id: UUID, work: UnitOfWork, outcome: Outcome, tries: int = 0) -> None:
    request = await refund_request(ORDER, refund_id, work)
    assert request is not None
    await record_refund(ORDER, refund_id, request, outcome, tries, work)


async def retry(refund_id: UUID, work: UnitOfWork) -> None:
    await retry_refund(ORDER, refund_id, "seen to", work)


async def resolve(refund_id: UUID, work: UnitOfWork, outcome: str, known: Outcome | None = None) -> None:
    await resolve_refund(ORDER, refund_id, outcome, "seen to", "bank-7", known, work)


async def key_of(refund_id: UUID, work: UnitOfWork) -> str:
    request = await latest_refund_request(ORDER, refund_id, work)
    assert request is not None
    return request.key


def asked() -> Scenario:
    return fulfilled_order().when(ask, REFUND)


def stuck() -> Scenario:
    return asked().when(settle, REFUND, SILENCE, 7)


def declined() -> Scenario:
    return asked().when(settle, REFUND, NO)


def status(story: Scenario) -> str:
    found: list[Order] = []

    async def look(order_id: UUID, work: UnitOfWork) -> None:
        found.append(await work.open(Order, order_id))

    story.when(look, ORDER)
    return found[0].refunds[REFUND].status


def test_the_eighth_unknown_outcome_calls_an_operator_once_and_the_call_goes_on_every_minute() -> None:
    story = asked().when(settle, REFUND, SILENCE, 6).then()
    story.when(settle, REFUND, SILENCE, 7)
    code = "PAYMENT_OUTCOME_UNKNOWN"
    story.then(order.RefundStuck(**stamp(ORDER), refund_id=REFUND, code=code, tries=8))
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER)
    story.when(settle, REFUND, SILENCE, 8).then()
    assert (story.work.timers[REFUND, REFUND_ORDER] or pytest.fail()).due_at > NOW
    assert status(story) == "needs_operator"


def test_a_stuck_refund_ends_by_a_late_answer_of_the_gateway() -> None:
    story = stuck().when(settle, REFUND, BACK, 8)
    story.then_no_timer(REFUND_ORDER, REFUND).then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    assert status(story) == "refunded"


def test_a_refund_that_was_declined_frees_its_amount_and_calls_an_operator() -> None:
    declined().then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), ORDER).then_no_timer(REFUND_ORDER, REFUND)
    declined().when(ask, OTHER).then_timer(REFUND_ORDER, OTHER, NOW)


def test_a_retried_stuck_refund_keeps_its_key() -> None:
    story = stuck().when(retry, REFUND).then(order.RefundRetried(**BY, intent=1))
    story.then_timer(REFUND_ORDER, REFUND, NOW, {"order_id": str(ORDER), "tries": 1})
    story.when(key_of, REFUND).then_result(f"{CHECKOUT}:refund:{REFUND}:1")
    assert status(story) == "needs_operator", "until the gateway has answered"


def test_a_retried_refused_refund_has_a_new_key() -> None:
    story = declined().when(retry, REFUND).then(order.RefundRetried(**BY, intent=2))
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    story.when(key_of, REFUND).then_result(f"{CHECKOUT}:refund:{REFUND}:2")
    story.when(settle, REFUND, BACK)
    assert status(story) == "refunded"


def test_a_retry_is_refused_if_another_refund_has_taken_its_shares() -> None:
    declined().when(ask, OTHER).when(retry, REFUND).then_refused(RefundNotResolvable, refundable=0)


def test_money_that_the_bank_has_paid_back_is_refunded_that_day() -> None:
    story = stuck().when(resolve, REFUND, "done")
    money = {"checkout_id": CHECKOUT, "gateway": "simulated", "amount": 2000, "currency": "USD"}
    (paid_back,) = [it for it in story.work.facts if isinstance(it, payment.Refunded)]
    by_bank = {"reference": "bank-7", "paid_from": "bank", "against": None}
    assert paid_back.model_dump(include={*money, *by_bank}) == {**money, **by_bank}
    resolved, refunded = [it for it in story.work.facts if it.TYPE.startswith("order.")]
    assert resolved == order.RefundResolved(
        **BY | stamp(ORDER) | {"originator_version": resolved.originator_version},
        outcome="done",
        reference="bank-7",
    )
    whole = all_refunded("came back").model_copy(update={"refund_id": REFUND})
    assert isinstance(refunded, order.Refunded)
    assert refunded.model_dump() == whole.model_dump()
    story.then_timer(REFUND_ORDER, REFUND, NOW + GATEWAY_CHECK_DELAY).then_holds(
        REFUND_NEEDING_ATTENTION, str(REFUND), None
    )
    story.when(looked, REFUND, None).then().then_no_timer(REFUND_ORDER, REFUND)


def test_a_success_at_the_gateway_is_recorded_with_the_gateways_reference() -> None:
    story = stuck().when(resolve, REFUND, "done", Done("sim-9", 2000))
    (paid_back,) = [it for it in story.work.facts if isinstance(it, payment.Refunded)]
    assert paid_back.reference == "sim-9"
    story.then_no_timer(REFUND_ORDER, REFUND)


def test_a_refund_resolved_as_not_done_frees_its_amount_and_is_looked_up_once_more() -> None:
    story = stuck().when(resolve, REFUND, "not_done")
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    story.then_timer(
        REFUND_ORDER, REFUND, NOW + GATEWAY_CHECK_DELAY, {"order_id": str(ORDER), "tries": 8, "look": True}
    )
    assert status(story) == "failed"
    story.when(ask, OTHER).then_timer(REFUND_ORDER, OTHER, NOW)


def test_not_done_is_refused_while_the_gateway_reports_success() -> None:
    stuck().when(resolve, REFUND, "not_done", BACK).then_refused(RefundNotResolvable)


async def asked_about(refund_id: UUID, work: UnitOfWork) -> PaymentRequest | None:
    return await latest_refund_request(ORDER, refund_id, work)


async def looked(refund_id: UUID, work: UnitOfWork, known: Outcome | None) -> None:
    request = await latest_refund_request(ORDER, refund_id, work)
    assert request is not None
    await record_gateway_check(ORDER, refund_id, request, known, work)


async def heard_late(refund_id: UUID, work: UnitOfWork, request: PaymentRequest) -> None:
    await record_refund(ORDER, refund_id, request, BACK, 7, work)


@pytest.mark.parametrize("heard", ["by the call", "by the look"])
def test_a_late_success_after_not_done_counts(heard: str) -> None:
    story = stuck().when(asked_about, REFUND)
    request = story.result
    story.when(resolve, REFUND, "not_done")
    story.when(heard_late, REFUND, request) if heard == "by the call" else story.when(looked, REFUND, BACK)
    story.then_no_timer(REFUND_ORDER, REFUND)
    assert status(story) == "refunded"
    story.when(ask, OTHER, 1)
    assert story.refusal is not None


def test_the_last_look_up_is_repeated_until_the_gateway_answers() -> None:
    story = stuck().when(resolve, REFUND, "not_done")
    story.when(looked, REFUND, SILENCE).then_timer(REFUND_ORDER, REFUND, NOW + GATEWAY_CHECK_DELAY)
    story.when(looked, REFUND, None).then_no_timer(REFUND_ORDER, REFUND).then()


def test_a_refund_resolved_as_not_done_is_retried_with_its_old_key() -> None:
    story = stuck().when(resolve, REFUND, "not_done").when(retry, REFUND)
    story.then(order.RefundRetried(**BY, intent=1))
    story.then_timer(REFUND_ORDER, REFUND, NOW, {"order_id": str(ORDER), "tries": 1})
    story.when(looked, REFUND, None).then()


def test_a_resolved_declined_refund_leaves_the_attention_list() -> None:
    story = declined().when(resolve, REFUND, "not_done")
    story.then(order.RefundResolved(**BY, outcome="not_done", reference="bank-7"))
    story.then_holds(REFUND_NEEDING_ATTENTION, str(REFUND), None)
    story.when(resolve, REFUND, "done").then_refused(RefundNotResolvable, refund_status="failed")


@pytest.mark.parametrize("act", [retry, lambda it, work: resolve(it, work, "done")])
def test_a_finished_refund_can_be_neither_retried_nor_resolved(act: Any) -> None:
    story = asked().when(settle, REFUND, BACK)
    story.when(act, REFUND).then_refused(RefundNotResolvable, refund_status="refunded")


def test_only_a_stuck_operation_can_be_resolved() -> None:
    asked().when(resolve, REFUND, "done").then_refused(RefundNotResolvable, refund_status="requested")


@pytest.mark.parametrize("act", [retry, lambda it, work: resolve(it, work, "done")])
def test_an_unknown_refund_is_not_found(act: Any) -> None:
    fulfilled_order().when(act, REFUND).then_refused(RefundNotFound)
    given().when(act, REFUND).then_refused(OrderNotFound)


def test_a_full_refund_after_a_refused_one_pays_each_share_once() -> None:
    story = fulfilled_order().when(ask, REFUND, 700).when(settle, REFUND, NO)

    async def rest(refund_id: UUID, work: UnitOfWork) -> None:
        await refund_order(ORDER, refund_id, EVERYTHING, "came back", work)

    story.when(retry, REFUND).when(rest, OTHER)
    amounts = [it.amount for it in story.work.facts if isinstance(it, order.RefundRequested)]
    assert amounts == [1300]


def test_a_late_success_whose_shares_were_taken_is_spread_over_the_rest() -> None:
    async def of_line(refund_id: UUID, work: UnitOfWork) -> None:
        await refund_order(ORDER, refund_id, RefundSelection(parts=(RefundPart("b", 1),)), "came back", work)

    story = (
        fulfilled_order()
        .when(of_line, REFUND)
        .when(settle, REFUND, SILENCE, 7)
        .when(resolve, REFUND, "not_done")
    )
    story.when(of_line, OTHER).when(settle, OTHER, Done("ref", 1000)).when(looked, REFUND, Done("ref", 1000))
    (late,) = [it for it in story.work.facts if isinstance(it, order.Refunded)]
    assert {it.line_id: it.amount for it in late.allocation} == {"a": 400, "c": 600}


def test_a_late_success_waits_for_pending_refunds() -> None:
    story = stuck().when(resolve, REFUND, "not_done").when(ask, OTHER).when(looked, REFUND, BACK)
    story.then().then_timer(REFUND_ORDER, REFUND, NOW + GATEWAY_CHECK_DELAY)
    story.when(settle, OTHER, NO).when(looked, REFUND, BACK)
    assert status(story) == "refunded"
