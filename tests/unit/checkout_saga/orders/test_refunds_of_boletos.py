"""No provider call can pay a boleto back: its refund goes to people at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
import stripe

from checkout_saga.checkout.domain import step_names
from checkout_saga.customers.vault import Vault
from checkout_saga.orders.domain.order import Order
from checkout_saga.orders.domain.refund import RefundSelection
from checkout_saga.orders.use_cases.refund_requests import REFUND_ORDER, refund_request
from checkout_saga.orders.use_cases.refunds import record_refund, refund_order
from checkout_saga.payments.accounts.connecting import Accounts, OpenAccount
from checkout_saga.payments.accounts.safe import Secrets
from checkout_saga.payments.domain.entries import Window
from checkout_saga.payments.domain.operation import Declined, Outcome, PaymentRequest
from checkout_saga.payments.providers.stripe.provider import StripeProvider
from contracts import order
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import Scenario, given
from tests.unit.checkout_saga.examples import ORDER, RESULTS, history_until, order_fields

REFUND, ACCOUNT = UUID(int=0xF1), UUID(int=0xAC)


class OneAccount(Accounts):
    def __init__(self) -> None:
        """Needs no database."""

    async def of(self, asked: PaymentRequest | Window) -> OpenAccount | None:
        secrets = Secrets({"secret_key": "sk_test_4711"})
        return OpenAccount(ACCOUNT, asked.merchant, "test", 1.0, ACCOUNT, secrets)


class NoVault(Vault):
    def __init__(self) -> None:
        """A refund has no token."""


class NoCalls(stripe.HTTPXClient):
    async def request_async(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("a call was made")


def bought(**payment: Any) -> Scenario:
    """An order that is delivered; ``payment``: fields of the fact that created it."""
    past = [
        it.model_copy(update=payment) if isinstance(it, order.Created) else it
        for it in history_until(step_names.COMPLETE)
    ]
    return given(*past, order.Fulfilled(**order_fields(), results=RESULTS))


async def refund(refund_id: UUID, work: UnitOfWork) -> None:
    await refund_order(ORDER, refund_id, RefundSelection(None), "came back", work)


async def next_request(refund_id: UUID, work: UnitOfWork) -> PaymentRequest | None:
    return await refund_request(ORDER, refund_id, work)


async def record(said: tuple[PaymentRequest, Outcome], work: UnitOfWork) -> None:
    await record_refund(ORDER, REFUND, *said, 0, work)


async def state(_: object, work: UnitOfWork) -> Mapping[str, Any]:
    found = (await work.open(Order, ORDER)).refunds[REFUND]
    return {"status": found.status, "code": found.code}


def asked_of_provider(request: PaymentRequest) -> Outcome:
    provider = StripeProvider(NoCalls(), NoVault(), OneAccount(), "http://127.0.0.1:1")
    return asyncio.run(provider.perform(request, again=False))


def test_a_boleto_is_refunded_by_people_without_a_call_of_the_provider() -> None:
    story = bought(gateway="stripe", payment_method="boleto").when(refund, REFUND)
    request = story.when(next_request, REFUND).result
    outcome = asked_of_provider(request)
    assert isinstance(outcome, Declined)
    assert outcome.code == "REFUND_NOT_SUPPORTED"

    story.when(record, (request, outcome)).then_no_timer(REFUND_ORDER, REFUND)
    assert story.when(state, None).result == {"status": "needs_operator", "code": "REFUND_NOT_SUPPORTED"}
    assert story.when(next_request, REFUND).result is None, "and it is not asked for again"


@pytest.mark.parametrize(("recorded", "method"), [("pix", "pix"), ("card", "card"), (None, "card")])
def test_a_refund_names_the_method_of_the_payment(recorded: str | None, method: str) -> None:
    story = bought(payment_method=recorded).when(refund, REFUND)
    assert story.when(next_request, REFUND).result.method == method
