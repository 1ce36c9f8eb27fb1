"""Fees and disputes of the simulated gateway, from its process to the ledger: a reconciliation finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, get_args
from uuid import UUID, uuid4

import httpx
import pytest

from checkout_saga.payments.domain.names import payment_id_of
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.store.stream_history import read_stream
from pricing.ledger.postings import MoneyFact, advance, posting_of
from pricing.ledger.standing import Standing
from tests.integration.checkout_saga.conftest import SECRET, caller
from tests.integration.checkout_saga.neighbours import Neighbours, begin
from tests.integration.checkout_saga.test_reconciliation import authorized, captured, reconciled
from tests.support.single_service import RunningService, running_service

KEEPS = {
    "FEIRA_GATEWAY_SECRET": SECRET,
    "FEIRA_GATEWAY_FEE_BASIS_POINTS": "290",
    "FEIRA_GATEWAY_FEE_FIXED": "30",
    "FEIRA_GATEWAY_DISPUTE_FEE": "1500",
}
FEES = """
    SELECT stream_id, convert_from(body, 'UTF8')::jsonb ->> 'reference' AS reference FROM log
    WHERE type = 'provider.fee_charged'
"""


@pytest.fixture
async def keeping(gateway_database: Database) -> AsyncIterator[RunningService]:
    """Another process of the gateway, on the ledger that the service's payments lie in, that keeps fees."""
    async with running_service("simulators.gateway", gateway_database, KEEPS) as service:
        yield service


@pytest.fixture
async def bank(keeping: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    async with caller(keeping, "demo-ops") as client:
        yield client


@pytest.fixture
async def merchant(keeping: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    async with httpx.AsyncClient(base_url=keeping.url, headers=headers) as client:
        yield client


async def posted(neighbours: Neighbours, *streams: UUID) -> dict[str, int]:
    """What the ledger posts for the facts of these streams, by account."""
    sums: Counter[str] = Counter()
    for stream in streams:
        standing = Standing()
        for it in await read_stream(neighbours.store.pool, "demo", stream, MESSAGES):
            fact: Any = it.fact
            if isinstance(fact, get_args(MoneyFact)):
                sums.update(dict(posting_of(fact, standing)))
                advance(standing, fact)
    return {account: amount for account, amount in sums.items() if amount}


async def fee_streams(neighbours: Neighbours, *references: str) -> list[UUID]:
    rows = await neighbours.pool.fetch(FEES)
    return [row["stream_id"] for row in rows if row["reference"] in references]


async def dispute(bank: httpx.AsyncClient, payment_id: UUID, amount: int) -> str:
    body = {"payment_id": str(payment_id), "amount": amount, "reason": "fraudulent"}
    answer = await bank.post(
        "/v1/simulated-gateway/disputes", json=body, headers={"Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["dispute_id"])


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_and_its_fee_reach_the_ledger_through_reconciliation(
    shop: httpx.AsyncClient,
    ops: httpx.AsyncClient,
    bank: httpx.AsyncClient,
    neighbours: Neighbours,
    outcome: str,
) -> None:
    checkout_id = await begin(shop)
    await neighbours.serve(shop, checkout_id, {"completed"})
    payment_id = payment_id_of(UUID(checkout_id))
    before = await posted(neighbours, payment_id)
    at_gateway = before["gateway.simulated"]
    its_id = await dispute(bank, payment_id, 500)

    assert (await reconciled(ops))["repaired"] >= 1
    opened = await posted(neighbours, payment_id)
    assert (opened["gateway.simulated"], opened["disputes.open"]) == (at_gateway - 500, 500)
    (fee,) = await fee_streams(neighbours, its_id)
    assert await posted(neighbours, fee) == {"fees.simulated": 1500, "gateway.simulated": -1500}

    path = f"/v1/simulated-gateway/disputes/{its_id}/close"
    assert (await bank.post(path, json={"outcome": outcome})).status_code == 200
    for _ in range(2):
        await reconciled(ops)
    lost = {"gateway.simulated": at_gateway - 500, "losses.disputes": 500}
    assert await posted(neighbours, payment_id) == (before if outcome == "won" else before | lost)
    types = await neighbours.types(payment_id)
    assert types[-2:] == ["payment.dispute_opened", "payment.dispute_closed"]
    assert await fee_streams(neighbours, its_id) == [fee], "noted once"


async def test_the_fee_of_a_capture_reaches_the_ledger_through_reconciliation_once(
    ops: httpx.AsyncClient, merchant: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    payment_id = uuid4()
    await authorized(merchant, payment_id, uuid4(), 10_000)
    await captured(merchant, payment_id, 10_000)
    before = set(await neighbours.pool.fetch(FEES))
    for _ in range(2):
        await reconciled(ops)
    (fee,) = set(await neighbours.pool.fetch(FEES)) - before
    charged = await posted(neighbours, fee["stream_id"])
    assert charged == {"fees.simulated": 320, "gateway.simulated": -320}
