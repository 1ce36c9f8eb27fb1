"""Stripe's adapter against localstripe, which others have written: what it covers of the provider's contract.

It has no idempotency keys, no list by time, no limit of refunds, no ``return_url``, no pix and no boleto. So
what needs these is tested against our own simulator alone: repeated calls, look-ups by key, a void without an
authorization, reconciliation, and payments at a bank.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import cast
from uuid import uuid4

import pytest

from checkout_saga.payments.accounts.safe import Secrets
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
)
from tests.integration.checkout_saga.payments.sandboxes import SANDBOXES, Settings
from tests.integration.checkout_saga.payments.test_provider_contract import (
    AMOUNT,
    Counter,
    Payer,
    opened_counter,
)
from tests.support.localstripe import SECRET_KEY, Localstripe, running_localstripe
from tests.support.parts import Parts

OK, DECLINED_WHEN_CHARGED = "pm_card_visa", "pm_card_chargeCustomerFail"
ASKS_THE_CUSTOMER = "4000002500003155"


NO_PARTS = cast("Parts", None)
"""localstripe needs none of them."""


class PayerWithoutReturn(Payer):
    def request(self, operation: Operation, intent: int = 1, amount: int = AMOUNT) -> PaymentRequest:
        return replace(super().request(operation, intent, amount), return_url=None)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Localstripe]:
    async with running_localstripe() as server:
        yield server


@pytest.fixture(scope="module")
async def counter(server: Localstripe) -> AsyncIterator[Counter]:
    @asynccontextmanager
    async def start(_: Parts) -> AsyncIterator[Settings]:
        yield {"FEIRA_STRIPE_URL": server.url}

    sandbox = SANDBOXES["stripe"]._replace(start=start, secrets=Secrets({"secret_key": SECRET_KEY}))
    async with opened_counter("stripe", sandbox, NO_PARTS) as counter:
        yield counter


def payer_with(counter: Counter, token: str) -> Payer:
    return PayerWithoutReturn(counter.gateway, counter.provider, token, uuid4())


async def status_of(server: Localstripe, payer: Payer) -> tuple[str, str]:
    """The state of the payment there, and the payment that it is marked with."""
    intent = await server.get(f"/v1/payment_intents/{payer.references[Operation.AUTHORIZE]}")
    return intent["status"], intent["metadata"]["feira_payment"]


async def test_a_card_is_authorized_captured_and_refunded(counter: Counter, server: Localstripe) -> None:
    payer = payer_with(counter, OK)
    authorized = await payer.perform(Operation.AUTHORIZE)
    assert isinstance(authorized, Done)
    assert (authorized.amount, authorized.captured) == (AMOUNT, False)
    assert await status_of(server, payer) == ("requires_capture", str(payment_id_of(payer.checkout_id)))
    captured = await payer.perform(Operation.CAPTURE)
    assert isinstance(captured, Done) and captured.amount == AMOUNT
    assert (await status_of(server, payer))[0] == "succeeded"
    refunded = await payer.perform(Operation.REFUND)
    assert isinstance(refunded, Done)
    (refund,) = (await server.get("/v1/refunds", payment_intent=captured.reference))["data"]
    assert (refund["id"], refund["amount"]) == (refunded.reference, AMOUNT)
    assert refund["metadata"]["feira_key"] == payer.request(Operation.REFUND).key


async def test_a_part_of_a_captured_payment_is_refunded(counter: Counter, server: Localstripe) -> None:
    payer = payer_with(counter, OK)
    for operation in (Operation.AUTHORIZE, Operation.CAPTURE):
        await payer.perform(operation)
    part = await counter.provider.perform(payer.request(Operation.REFUND, amount=500), again=False)
    assert isinstance(part, Done) and part.amount == 500
    (refund,) = (await server.get("/v1/refunds", payment_intent=payer.references[Operation.CAPTURE]))["data"]
    assert refund["amount"] == 500


async def test_a_refund_is_found_again_by_its_mark_and_not_made_twice(
    counter: Counter, server: Localstripe
) -> None:
    payer = payer_with(counter, OK)
    for operation in (Operation.AUTHORIZE, Operation.CAPTURE):
        await payer.perform(operation)
    first = await payer.perform(Operation.REFUND)
    payer.references[Operation.REFUND] = payer.references[Operation.CAPTURE]
    assert await payer.perform(Operation.REFUND, again=True) == first
    made = await server.get("/v1/refunds", payment_intent=payer.references[Operation.CAPTURE])
    assert len(made["data"]) == 1


async def test_a_declined_card_is_told_as_declined(counter: Counter) -> None:
    declined = await payer_with(counter, DECLINED_WHEN_CHARGED).perform(Operation.AUTHORIZE)
    assert isinstance(declined, Declined)
    assert (declined.code, bool(declined.detail)) == ("PAYMENT_DECLINED", True)


async def test_an_authorization_is_voided_and_cannot_be_captured_any_more(
    counter: Counter, server: Localstripe
) -> None:
    payer = payer_with(counter, OK)
    await payer.perform(Operation.AUTHORIZE)
    voided = await payer.perform(Operation.VOID)
    assert isinstance(voided, Done) and voided.amount == AMOUNT
    assert (await status_of(server, payer))[0] == "canceled"
    again = await counter.provider.look_up(payer.request(Operation.VOID))
    assert isinstance(again, Done) and again.reference == voided.reference
    late = await counter.provider.perform(payer.request(Operation.CAPTURE), again=True)
    assert isinstance(late, Declined) and late.code == "CAPTURE_FAILED"


@pytest.mark.parametrize(
    ("number", "success", "outcome"),
    [
        pytest.param(ASKS_THE_CUSTOMER, True, Done, id="and confirms"),
        pytest.param(ASKS_THE_CUSTOMER, False, Declined, id="and fails"),
    ],
)
async def test_a_card_whose_bank_asks_the_customer_is_authorized_once_the_customer_has_acted(
    counter: Counter, server: Localstripe, number: str, success: bool, outcome: type[Outcome]
) -> None:
    payer = payer_with(counter, await server.card(number))
    needed = await payer.perform(Operation.AUTHORIZE)
    assert isinstance(needed, ActionNeeded) and needed.kind == "sdk"
    secret = (await server.get(f"/v1/payment_intents/{needed.reference}"))["client_secret"]
    await server.authenticate(needed.reference, secret, success=success)
    confirmed = await payer.perform(Operation.CONFIRM)
    assert isinstance(confirmed, outcome)
    if success:
        assert isinstance(await payer.perform(Operation.CAPTURE), Done)


async def test_what_the_provider_does_not_take_is_a_refusal_and_no_unknown_outcome(counter: Counter) -> None:
    """localstripe knows no ``return_url``."""
    asked = counter.payer(OK).request(Operation.AUTHORIZE)
    assert asked.return_url
    refused = await counter.provider.perform(asked, again=False)
    assert isinstance(refused, Declined) and refused.alarm == "request_refused"
