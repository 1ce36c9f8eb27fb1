"""Fees, payouts, disputes and refunds that failed late, as Stripe and PayPal list them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest

from checkout_saga.payments.domain.entries import Entry, EntryKind, EntryState, NotListed, Window
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.payments.domain.operation import Operation
from tests.integration.checkout_saga.payments.sandboxes import SANDBOXES, Settings
from tests.integration.checkout_saga.payments.test_provider_contract import (
    AMOUNT,
    Counter,
    Payer,
    opened_counter,
)
from tests.support.parts import Parts
from tests.support.paypal import CLIENT_ID
from tests.support.stripe import SECRET_KEY

BEGAN = datetime.now(UTC) - timedelta(seconds=2)


class Movements(NamedTuple):
    """How the simulator of a provider is brought to move money by itself."""

    address: str
    """The name of the setting with its address."""
    account: str
    payout: dict[str, Any]
    fee: int
    """Of a payment of ``AMOUNT``."""

    def dispute(self, payer: Payer) -> dict[str, Any]:
        reference = payer.references[Operation.CAPTURE]
        if self.account == CLIENT_ID:
            return {"capture_id": reference, "value": "10.00", "reason": "UNAUTHORISED"}
        return {"payment_intent": reference, "amount": 1000, "reason": "UNAUTHORISED"}


PROVIDERS = {
    "paypal": Movements("FEIRA_PAYPAL_URL", CLIENT_ID, {"currency": "USD", "value": "5.00"}, 70),
    "stripe": Movements("FEIRA_STRIPE_URL", SECRET_KEY, {"currency": "usd", "amount": 500}, 87),
}


class Provider(NamedTuple):
    counter: Counter
    control: httpx.AsyncClient
    movements: Movements

    async def sold(self) -> Payer:
        payer = self.counter.payer(self.counter.sandbox.ok)
        for operation in (Operation.AUTHORIZE, Operation.CAPTURE):
            await payer.perform(operation)
        return payer

    async def do(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await self.control.post(f"/_control/{path}", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    async def dispute(self, dispute_id: str) -> Entry:
        """As it is told in a window in which it was not opened."""
        long_ago = BEGAN - timedelta(days=9)
        window = Window(self.counter.gateway, "demo", long_ago, BEGAN, frozenset({dispute_id}))
        (found,) = await self.counter.provider.entries(window)
        return found

    async def listed(self, kind: EntryKind) -> list[Entry]:
        until = datetime.now(UTC) + timedelta(seconds=2)
        window = Window(self.counter.gateway, "demo", BEGAN, until)
        return [it for it in await self.counter.provider.entries(window) if it.kind is kind]


@pytest.fixture(scope="module", params=sorted(PROVIDERS))
async def provider(request: pytest.FixtureRequest, parts: Parts) -> AsyncIterator[Provider]:
    sandbox, movements = SANDBOXES[request.param], PROVIDERS[request.param]
    addresses: list[str] = []

    @asynccontextmanager
    async def start(parts: Parts) -> AsyncIterator[Settings]:
        async with sandbox.start(parts) as settings:
            addresses.append(settings[movements.address])
            yield settings

    async with (
        opened_counter(request.param, sandbox._replace(start=start), parts) as counter,
        httpx.AsyncClient(base_url=addresses[0], trust_env=False) as control,
    ):
        yield Provider(counter, control, movements)


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_is_listed_with_its_payment_until_it_is_won_or_lost(
    provider: Provider, outcome: str
) -> None:
    payer = await provider.sold()
    opened = await provider.do("disputes", provider.movements.dispute(payer))
    its_id = opened.get("dispute_id") or opened["id"]
    (found,) = (it for it in await provider.listed(EntryKind.DISPUTE) if it.reference == its_id)
    assert (found.state, found.amount, found.currency) == (EntryState.OPEN, 1000, "USD")
    assert (found.payment_id, found.checkout_id) == (payment_id_of(payer.checkout_id), payer.checkout_id)
    assert found.detail == "UNAUTHORISED" and found.due_at is not None
    await provider.do(f"disputes/{its_id}/close", {"outcome": outcome})
    (closed,) = (it for it in await provider.listed(EntryKind.DISPUTE) if it.reference == its_id)
    assert closed.state == outcome
    assert await provider.dispute(its_id) == closed


async def test_fees_and_payouts_are_listed_with_amounts_above_0(provider: Provider) -> None:
    await provider.sold()
    before = len(await provider.listed(EntryKind.PAYOUT))
    await provider.do(f"payouts/{provider.movements.account}", provider.movements.payout)
    payouts = await provider.listed(EntryKind.PAYOUT)
    assert (len(payouts) - before, payouts[0].amount, payouts[0].currency) == (1, 500, "USD")
    assert provider.movements.fee in {it.amount for it in await provider.listed(EntryKind.FEE)}


async def test_a_refund_that_fails_after_it_was_done_is_listed_as_failed(provider: Provider) -> None:
    if provider.counter.gateway != "stripe":
        pytest.skip("only the simulated Stripe takes back a refund that is done")
    payer = await provider.sold()
    await payer.perform(Operation.REFUND)
    reference = payer.references[Operation.REFUND]
    await provider.do(f"refunds/{reference}/settle", {"status": "failed"})
    (found,) = (it for it in await provider.listed(EntryKind.REFUND) if it.reference == reference)
    assert (found.state, found.amount, found.detail) == (EntryState.FAILED, AMOUNT, "declined")


async def test_a_provider_that_fails_lists_nothing(provider: Provider) -> None:
    fault = {"match": {"method": "GET"}, "fault": "500", "times": 10}
    (await provider.control.post("/_control/faults", json=fault)).raise_for_status()
    with pytest.raises(NotListed):
        await provider.listed(EntryKind.CAPTURE)
