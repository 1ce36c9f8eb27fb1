"""Every call to a gateway names it, so that calls to one that is silent hold up no others."""

from __future__ import annotations

from uuid import UUID

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.use_cases.buying import cancel_checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.orders.domain.refund import EVERYTHING
from checkout_saga.orders.use_cases.operating import resolve_refund, retry_refund
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import record_refund, refund_order
from checkout_saga.payments.domain.operation import Declined, Operation, Unknown
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario
from tests.unit.checkout_saga.examples import CHECKOUT, ORDER, PLAIN, waiting_at
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.orders.test_refunds_of_orders import fulfilled_order

GATEWAY = "simulated"
REFUND = UUID(int=0xF1)
SILENCE = Unknown("silence")


def target(story: Scenario, kind: str, subject: UUID) -> str:
    timer = story.work.timers[subject, kind]
    assert timer is not None
    return timer.target


@pytest.mark.parametrize(
    ("operation", "step"),
    [(Operation.AUTHORIZE, step_names.AUTHORIZE), (Operation.CAPTURE, step_names.CAPTURE)],
)
def test_a_repeated_call_of_a_checkout_names_its_gateway(operation: Operation, step: str) -> None:
    story = waiting_at(step).when(gateway_answered, operation, SILENCE)
    assert target(story, operation, CHECKOUT) == GATEWAY


def test_a_void_names_the_gateway_at_first_and_after_a_refusal() -> None:
    story = waiting_at(step_names.AUTHORIZE, PLAIN).when(cancel_checkout, CHECKOUT)
    assert target(story, Operation.VOID, CHECKOUT) == GATEWAY
    story.when(gateway_answered, Operation.VOID, Declined("REFUSED", "no"))
    assert target(story, Operation.VOID, CHECKOUT) == GATEWAY


def test_the_deadline_of_a_checkout_is_no_call_and_names_none() -> None:
    story = waiting_at(step_names.AUTHORIZE).when(_resume, CHECKOUT)
    assert target(story, CHECKOUTS.workflow.deadline_timer, CHECKOUT) == ""
    assert target(story, Operation.AUTHORIZE, CHECKOUT) == GATEWAY


async def _resume(checkout_id: UUID, work: UnitOfWork) -> None:
    await CHECKOUTS.resume(await work.open(CHECKOUTS.workflow.kind, checkout_id), work)


async def _refund(refund_id: UUID, work: UnitOfWork) -> None:
    await refund_order(ORDER, refund_id, EVERYTHING, "came back", work)


async def _silence(refund_id: UUID, work: UnitOfWork, tries: int) -> None:
    request = await refund_request(ORDER, refund_id, work)
    assert request is not None
    await record_refund(ORDER, refund_id, request, SILENCE, tries, work)


async def _retry(refund_id: UUID, work: UnitOfWork) -> None:
    await retry_refund(ORDER, refund_id, "seen to", work)


async def _resolve(refund_id: UUID, work: UnitOfWork) -> None:
    await resolve_refund(ORDER, refund_id, "not_done", "seen to", None, None, work)


def test_each_call_of_a_refund_names_the_gateway() -> None:
    story = fulfilled_order().when(_refund, REFUND)
    assert target(story, REFUND_ORDER, REFUND) == GATEWAY
    story.when(_silence, REFUND, 7)
    assert target(story, REFUND_ORDER, REFUND) == GATEWAY
    story.when(_retry, REFUND)
    assert target(story, REFUND_ORDER, REFUND) == GATEWAY
    story.when(_resolve, REFUND)
    assert target(story, REFUND_ORDER, REFUND) == GATEWAY
