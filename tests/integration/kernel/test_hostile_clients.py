"""A service of its own process, and strangers without a key who want to bring it down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.hostile_clients import ended, holding_still, memory_of, requests, trailers
from tests.support.parts import Parts
from tests.support.single_service import RunningService, created_database, running_service

MIB = 1024 * 1024
MOST = 200 * MIB
PATIENCE = 40.0
SHORT = {
    "FEIRA_HEADER_SECONDS": "1",
    "FEIRA_BODY_SECONDS": "1",
    "FEIRA_IDLE_SECONDS": "1",
    "FEIRA_WRITE_SECONDS": "1",
    "FEIRA_CONNECTIONS": "300",
}


@pytest.fixture(scope="module")
async def service(parts: Parts) -> AsyncIterator[RunningService]:
    database = await created_database("feira_besieged", parts.postgres_superuser_url)
    async with running_service("offer", database, SHORT, once="/livez") as service:
        yield service


@pytest.fixture
async def customer(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer demo-storefront"}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=PATIENCE) as client:
        yield client


async def test_trailers_cost_no_memory(service: RunningService) -> None:
    async with memory_of(service.process.pid) as memory:
        poured = await trailers(service.url, 8 * MIB, PATIENCE)

    assert memory.most < MOST
    assert all(it.cut_off for it in poured)


async def test_requests_that_come_at_once_cost_no_memory(service: RunningService) -> None:
    async with memory_of(service.process.pid) as memory:
        poured = await requests(service.url, 64 * MIB, PATIENCE)

    assert memory.most < MOST
    assert poured.cut_off, "its answers were not read"
    assert poured.taken < 32 * MIB


async def test_what_holds_still_is_let_go_and_customers_are_served_meanwhile(
    service: RunningService, customer: httpx.AsyncClient
) -> None:
    async with holding_still(service.url, 290) as strangers, asyncio.timeout(PATIENCE):
        for _ in range(20):
            assert (await customer.get("/v1/products")).status_code in {200, 403}
        await asyncio.gather(*map(ended, strangers))


async def test_more_connections_than_there_may_be_keep_nobody_out(
    service: RunningService, customer: httpx.AsyncClient
) -> None:
    async with holding_still(service.url, 600):
        assert (await customer.get("/v1/products")).status_code in {200, 403}
