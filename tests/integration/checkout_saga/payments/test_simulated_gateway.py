"""The gateway adapter against the simulated gateway, with crashes at the worst moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest

from checkout_saga.customers.domain.customer import customer_stream_id
from checkout_saga.customers.vault import Vault
from checkout_saga.payments.domain.names import idempotency_key, payment_id_of
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.providers.simulated.provider import SimulatedGateway
from contracts.customer_keys import CUSTOMER_KEYS
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import PersonalData
from tests.integration.checkout_saga.conftest import SECRET
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.single_service import RunningService


@pytest.fixture
def vault(neighbours: Neighbours) -> Vault:
    keys = MasterKeys(CUSTOMER_KEYS, bytes(range(32)))
    return Vault(PersonalData(neighbours.pool, keys, keys.pseudonym_key, clock=count(step=60).__next__))


@pytest.fixture
async def adapter(gateway: RunningService, vault: Vault) -> AsyncIterator[SimulatedGateway]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers) as client:
        yield SimulatedGateway(client, vault, seconds=1)


async def authorization(vault: Vault, token: str = "tok_ok") -> PaymentRequest:
    checkout_id, customer_id = uuid4(), uuid4().hex
    (sealed,) = await vault.seal("demo", customer_id, {"token": token})
    return PaymentRequest(
        operation=Operation.AUTHORIZE,
        key=idempotency_key(checkout_id, "authorize"),
        gateway="simulated",
        merchant="demo",
        payment_id=payment_id_of(checkout_id),
        checkout_id=checkout_id,
        amount=1999,
        currency="USD",
        payment_token=sealed,
        customer_id=customer_id,
    )


def then(request: PaymentRequest, operation: Operation) -> PaymentRequest:
    return replace(request, operation=operation, key=idempotency_key(request.checkout_id, operation))


async def entries(ledger: httpx.AsyncClient, request: PaymentRequest) -> list[str]:
    params = {"checkout_id": str(request.checkout_id)}
    page: dict[str, Any] = (await ledger.get("/v1/simulated-gateway/ledger", params=params)).json()
    return [it["status"] for it in page["items"]]


@pytest.mark.parametrize("method", ["card", "pix"])
async def test_the_page_of_a_payment_leads_back_to_where_the_checkout_says(
    method: str, adapter: SimulatedGateway, vault: Vault
) -> None:
    back = "https://shop.example/back?order=1"
    asked = replace(await authorization(vault, "tok_action"), method=method, return_url=back)
    needed = await adapter.perform(asked, again=False)
    assert isinstance(needed, ActionNeeded) and needed.url
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert f'<a href="{back}">Back to the shop</a>' in (await browser.get(needed.url)).text


@pytest.mark.parametrize("again", [False, True], ids=["not knowing it", "looking it up"])
async def test_a_call_repeated_after_a_crash_before_its_record_has_no_second_effect(
    again: bool, adapter: SimulatedGateway, vault: Vault, ledger: httpx.AsyncClient
) -> None:
    request = await authorization(vault)
    for it in (request, then(request, Operation.CAPTURE), then(request, Operation.REFUND)):
        done = await adapter.perform(it, again=False)
        assert isinstance(done, Done)
        assert await adapter.perform(it, again=again) == done
    assert await entries(ledger, request) == ["authorized", "captured", "refunded"]


async def test_an_authorization_after_its_void_is_declined(
    adapter: SimulatedGateway, vault: Vault, ledger: httpx.AsyncClient
) -> None:
    request = await authorization(vault)
    void = await adapter.perform(then(request, Operation.VOID), again=False)
    assert isinstance(void, Done)
    assert void.amount == 0
    assert isinstance(await adapter.perform(request, again=False), Declined)
    assert "authorized" not in await entries(ledger, request)


async def test_an_authorization_without_an_answer_is_found_by_its_key(
    adapter: SimulatedGateway, vault: Vault, ledger: httpx.AsyncClient
) -> None:
    request = await authorization(vault, "tok_timeout")
    assert isinstance(await adapter.perform(request, again=False), Done)
    assert await entries(ledger, request) == ["authorized"]


async def test_a_gateway_that_does_not_answer_leaves_the_outcome_unknown(
    adapter: SimulatedGateway, vault: Vault
) -> None:
    assert isinstance(await adapter.perform(await authorization(vault, "tok_down"), again=False), Unknown)


async def test_an_erased_customers_payment_is_declined(
    adapter: SimulatedGateway, vault: Vault, neighbours: Neighbours, ledger: httpx.AsyncClient
) -> None:
    request = await authorization(vault)
    erased = "UPDATE customer_keys SET wrapped_key = NULL, erased_at = now() WHERE customer_id = $1"
    await neighbours.pool.execute(erased, customer_stream_id("demo", request.customer_id or ""))
    assert isinstance(await adapter.perform(request, again=False), Declined)


async def test_with_a_wrong_secret_the_outcome_is_unknown(gateway: RunningService, vault: Vault) -> None:
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        outcome = await SimulatedGateway(client, vault, seconds=1).perform(
            await authorization(vault), again=False
        )
    assert isinstance(outcome, Unknown)
