"""What storefronts are refused, by client address, and what the lock of a cart reports of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from cart.app import MIGRATIONS
from cart.carts.refused_requests import BAD_CODE, KEPT, MOST, OLD_REQUESTS, TAMPERING, RefusedRequests
from contracts import cart as contract
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.postgres.retention import Retention
from kernel.security.pseudonyms import address_pseudonym
from kernel.service.link_settings import DEVELOPMENT_KEY
from tests.integration.cart.kafka_client import KafkaClient
from tests.integration.cart.test_carts_over_http import add_item, new_cart, on_sale
from tests.integration.cart.test_lock_round_trip import STEP, reply
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.single_service import RunningService

LINK_KEY = bytes(32)
ADDRESS, ELSEWHERE = "198.51.100.1", "198.51.100.2"
STOPPED = """
    CREATE OR REPLACE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT timestamptz '2026-03-02T14:00:00Z' + interval '{} seconds' $$
"""


@pytest.fixture
async def own_database(parts: Parts) -> Database:
    return await migrated_database(f"refused_{uuid4().hex}", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(own_database: Database) -> AsyncIterator[Pool]:
    async with service_pool(own_database) as pool:
        yield pool


def known_as(address: str, tenant: str = "demo") -> UUID:
    return address_pseudonym(LINK_KEY, tenant, address)


async def stop_clock(database: Database, seconds: float) -> None:
    await execute(database.owner_url, STOPPED.format(seconds))


async def test_requests_are_kept_by_address_and_tenant_for_a_day(own_database: Database, pool: Pool) -> None:
    requests = RefusedRequests(pool, LINK_KEY)
    await stop_clock(own_database, 0)
    await requests.note("demo", ADDRESS, TAMPERING)
    await stop_clock(own_database, 1)
    await requests.note("demo", ADDRESS, BAD_CODE)
    await requests.note("demo", ELSEWHERE, BAD_CODE)
    both = {known_as(ADDRESS), known_as(ELSEWHERE), known_as("198.51.100.3")}
    found = await requests.of_addresses("demo", both)
    signals = {key: [it.signal for it in noted] for key, noted in found.items()}
    assert signals == {known_as(ADDRESS): [TAMPERING, BAD_CODE], known_as(ELSEWHERE): [BAD_CODE]}
    assert await requests.of_addresses("rival", both) == {}
    texts = await pool.fetch("SELECT r::text AS text FROM refused_requests r")
    assert not any(ADDRESS in it["text"] for it in texts)

    retention = Retention(pool, [OLD_REQUESTS], 1, Heartbeats())
    await stop_clock(own_database, KEPT.total_seconds())
    await retention.round()
    assert await pool.fetchval("SELECT count(*) FROM refused_requests") == 3
    (left,) = (await requests.of_addresses("demo", [known_as(ADDRESS)]))[known_as(ADDRESS)]
    assert left.signal == BAD_CODE
    await stop_clock(own_database, KEPT.total_seconds() + 1.000001)
    await retention.round()
    assert await pool.fetchval("SELECT count(*) FROM refused_requests") == 0


async def test_of_a_flood_the_last_hundred_are_kept(own_database: Database, pool: Pool) -> None:
    requests = RefusedRequests(pool, LINK_KEY)
    for second in range(MOST + 20):
        await stop_clock(own_database, second)
        await requests.note("demo", ADDRESS, BAD_CODE)
    await requests.note("demo", ADDRESS, TAMPERING)
    noted = (await requests.of_addresses("demo", [known_as(ADDRESS)]))[known_as(ADDRESS)]
    assert Counter(it.signal for it in noted) == {BAD_CODE: MOST, TAMPERING: 1}
    assert max(it.at for it in noted) - min(it.at for it in noted) == timedelta(seconds=MOST - 1)


async def locked(kafka: KafkaClient, cart_id: UUID, address: str) -> Counter[str]:
    """The signals of the requests that the reply reports to a checkout from this address."""
    checkout_id = uuid4()
    buyer = address_pseudonym(DEVELOPMENT_KEY, "demo", address)
    command = contract.Lock(cart_id=cart_id, checkout_id=checkout_id, step=STEP, address=buyer)
    await kafka.send(command, cart_id)
    body = (await reply(kafka, contract.Locked.TYPE, checkout_id)).body
    return Counter(it["signal"] for it in body.get("refused_requests", ()))


@pytest.fixture
async def backend(service: RunningService) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer demo-service"}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=20) as client:
        yield client


async def test_guessed_codes_and_named_prices_of_a_storefronts_address_reach_the_lock_of_any_cart_from_there(
    shop: httpx.AsyncClient, backend: httpx.AsyncClient, kafka: KafkaClient
) -> None:
    product_id = await on_sale(kafka, 500)
    tried, bought, other, third = [UUID((await new_cart(shop))["cart_id"]) for _ in range(4)]
    added = await add_item(shop, str(bought), product_id, 1)
    for cart_id in (other, third):
        assert (await add_item(shop, str(cart_id), product_id, 1)).status_code == 200
    item_id = added.json()["items"][0]["item_id"]

    async def refused(client: httpx.AsyncClient, method: str, path: str, **body: Any) -> str:
        answer = await client.request(method, f"/v1/carts/{path}", json=body)
        assert answer.status_code == 422, answer.text
        return str(answer.json()["code"])

    item = {"product_id": str(product_id), "quantity": 1}
    before = await locked(kafka, other, "127.0.0.1")
    for client in (shop, backend):
        for _ in range(2):
            code = await refused(client, "POST", f"{tried}/discounts", code=uuid4().hex[:12])
            assert code == "INVALID_DISCOUNT_CODE"
        assert await refused(client, "POST", f"{tried}/items", **item, unit_price=1) == "INVALID_REQUEST"
        await refused(client, "PATCH", f"{bought}/items/{item_id}", quantity=1, total=1)
        await refused(client, "POST", f"{tried}/items", **item, colour="red")
    unknown = await shop.post(
        f"/v1/carts/{tried}/items", json={**item, "price": 1}, headers={"Authorization": "Bearer nothing"}
    )
    assert unknown.status_code == 401

    assert await locked(kafka, bought, "127.0.0.1") - before == {BAD_CODE: 2, TAMPERING: 2}
    assert await locked(kafka, third, ELSEWHERE) == {}
