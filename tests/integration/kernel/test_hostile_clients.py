"""A service process under attack by clients, most of them without a key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.hostile_clients import ended, holding_still, memory_of, requests, trailers
from tests.support.parts import Parts
from tests.support.single_service import RunningService, created_database, running_service

MIB = 1024 * 1024
MAX_MEMORY = 200 * MIB
TIMEOUT = 40.0
SHORT_LIMITS = {
    "FEIRA_HEADER_SECONDS": "1",
    "FEIRA_BODY_SECONDS": "1",
    "FEIRA_IDLE_SECONDS": "1",
    "FEIRA_WRITE_SECONDS": "1",
    "FEIRA_CONNECTIONS": "300",
    "FEIRA_TENANT_RATES": '{"rival": {"per_key": "20/600"}}',
}


@pytest.fixture(scope="module")
async def service(parts: Parts) -> AsyncIterator[RunningService]:
    database = await created_database("feira_besieged", parts.postgres_superuser_url)
    async with running_service("offer", database, SHORT_LIMITS, once="/livez") as service:
        yield service


@pytest.fixture
async def customer(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer demo-storefront"}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=TIMEOUT) as client:
        yield client


async def test_trailers_cost_no_memory(service: RunningService) -> None:
    async with memory_of(service.process.pid) as memory:
        sent = await trailers(service.url, 8 * MIB, TIMEOUT)

    assert memory.most < MAX_MEMORY
    assert all(it.cut_off for it in sent)


async def test_pipelined_requests_cost_no_memory(service: RunningService) -> None:
    async with memory_of(service.process.pid) as memory:
        sent = await requests(service.url, 64 * MIB, TIMEOUT)

    assert memory.most < MAX_MEMORY
    assert sent.cut_off, "its answers were not read"
    assert sent.taken < 32 * MIB


async def test_idle_connections_are_closed_and_customers_are_served_meanwhile(
    service: RunningService, customer: httpx.AsyncClient
) -> None:
    async with holding_still(service.url, 290) as strangers, asyncio.timeout(TIMEOUT):
        for _ in range(20):
            assert (await customer.get("/v1/products")).status_code in {200, 403}
        await asyncio.gather(*map(ended, strangers))


async def test_connections_beyond_the_limit_do_not_keep_customers_out(
    service: RunningService, customer: httpx.AsyncClient
) -> None:
    async with holding_still(service.url, 600):
        assert (await customer.get("/v1/products")).status_code in {200, 403}


async def test_a_key_that_sends_too_much_is_refused_for_a_time_and_others_are_served(
    service: RunningService, customer: httpx.AsyncClient
) -> None:
    greedy = {"Authorization": "Bearer rival-admin"}
    answers = await asyncio.gather(*(customer.get("/v1/products", headers=greedy) for _ in range(25)))

    assert [it.status_code for it in answers].count(200) == 20
    refused = [it for it in answers if it.status_code == 429]
    assert {it.json()["code"] for it in refused} == {"RATE_LIMITED"}
    assert all(1 <= int(it.headers["Retry-After"]) <= 30 for it in refused)
    assert len(refused) == 5
    other_key = {"Authorization": "Bearer rival-storefront"}
    assert (await customer.get("/v1/products", headers=other_key)).status_code == 200
    assert (await customer.get("/v1/products")).status_code == 200
    counted = (await customer.get("/metrics")).text
    assert 'feira_rate_limited_total{limit="key"} 5.0' in counted
