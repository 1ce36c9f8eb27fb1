"""The limit of guessing discount codes: exact, by cart and by address, and the same for all replicas."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from cart.app import MIGRATIONS
from cart.carts.refused_codes import OLD_REFUSALS, Guess, RefusedCodes
from cart.carts.refused_requests import RefusedRequests
from devstack.databases import Database
from kernel.http.problems import Problem
from kernel.limits.rate_limits import Rate
from kernel.observability.health import Heartbeats
from kernel.postgres.retention import Retention
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.single_service import RunningService, created_database, running_service

TEN_IN_TEN_MINUTES = Rate(10, 600)
ADDRESS = "198.51.100.1"
STOPPED = """
    CREATE OR REPLACE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT timestamptz '2026-03-02T14:00:00Z' + interval '{} seconds' $$
"""


@pytest.fixture
async def database(parts: Parts) -> Database:
    return await migrated_database(f"codes_{uuid4().hex}", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


async def stop_clock(database: Database, seconds: float) -> None:
    await execute(database.owner_url, STOPPED.format(seconds))


async def wait_of(codes: RefusedCodes, cart: Any, address: str | None = None, tenant: str = "demo") -> int:
    """The seconds of Retry-After; 0: it may try a code."""
    try:
        await codes.check(tenant, cart, address)
    except Problem as refused:
        assert (refused.status_code, refused.code) == (429, "RATE_LIMITED")
        assert refused.headers
        return int(refused.headers["Retry-After"])
    return 0


async def test_ten_refused_codes_in_ten_minutes_block_a_cart_for_fifteen(
    database: Database, pool: Pool
) -> None:
    codes, cart = RefusedCodes(pool, TEN_IN_TEN_MINUTES, bytes(32)), uuid4()
    await stop_clock(database, 0)
    await codes.count("demo", cart, None)
    for _ in range(8):
        await stop_clock(database, 300)
        await codes.count("demo", cart, None)
    await stop_clock(database, 600)  # the first one is out of the window
    await codes.count("demo", cart, None)
    assert await wait_of(codes, cart) == 0
    await codes.count("demo", cart, None)
    assert await wait_of(codes, cart) == 900
    assert await wait_of(codes, uuid4()) == 0
    assert await wait_of(codes, cart, tenant="rival") == 0
    await stop_clock(database, 1499.5)
    assert await wait_of(codes, cart) == 1
    await stop_clock(database, 1500)
    assert await wait_of(codes, cart) == 0


async def test_an_address_is_blocked_whatever_cart_it_uses(database: Database, pool: Pool) -> None:
    codes = RefusedCodes(pool, TEN_IN_TEN_MINUTES, bytes(32))
    await stop_clock(database, 0)
    for _ in range(10):
        await codes.count("demo", uuid4(), ADDRESS)
    assert await wait_of(codes, uuid4(), ADDRESS) == 900
    assert await wait_of(codes, uuid4(), "198.51.100.2") == 0
    assert await wait_of(codes, uuid4()) == 0
    texts = await pool.fetch("SELECT r::text AS text FROM refused_codes r")
    assert not any(ADDRESS in it["text"] for it in texts)


async def test_a_request_whose_unit_of_work_runs_again_counts_once(database: Database, pool: Pool) -> None:
    codes, cart = RefusedCodes(pool, TEN_IN_TEN_MINUTES, bytes(32)), uuid4()
    await stop_clock(database, 0)
    for _ in range(10):
        assert await wait_of(codes, cart) == 0
        guess = Guess(codes, RefusedRequests(pool, bytes(32)), "demo", cart, None)
        for _ in range(2):
            await guess.check()
            await guess.count()
    assert await wait_of(codes, cart) == 900


async def test_a_row_is_deleted_once_it_says_nothing_any_more(database: Database, pool: Pool) -> None:
    codes = RefusedCodes(pool, TEN_IN_TEN_MINUTES, bytes(32))
    await stop_clock(database, 0)
    await codes.count("demo", uuid4(), ADDRESS)
    retention = Retention(pool, [OLD_REFUSALS], 1, Heartbeats())
    await stop_clock(database, 600)
    await retention.round()
    assert await pool.fetchval("SELECT count(*) FROM refused_codes") == 2
    await stop_clock(database, 600.000001)
    await retention.round()
    assert await pool.fetchval("SELECT count(*) FROM refused_codes") == 0


@pytest.fixture
async def guarded(parts: Parts) -> AsyncIterator[RunningService]:
    database = await created_database("feira_cart_guarded", parts.postgres_superuser_url)
    settings = {
        "FEIRA_CART_CODE_GUESSES": "10/600",
        "FEIRA_CATALOGUE_PATIENCE_SECONDS": "0",
        "FEIRA_TRUSTED_PROXIES": "127.0.0.0/8",
    }
    async with running_service("cart", database, settings, once="/livez") as running:
        yield running


async def test_of_guesses_at_once_exactly_ten_are_answered(guarded: RunningService) -> None:
    headers = {"Authorization": "Bearer demo-storefront"}
    async with httpx.AsyncClient(base_url=guarded.url, headers=headers, timeout=30) as shop:

        async def guess(cart: dict[str, Any], address: str) -> tuple[int, str]:
            answer = await shop.post(
                f"/v1/carts/{cart['cart_id']}/discounts",
                json={"code": uuid4().hex[:12]},
                headers={"X-Forwarded-For": address},
            )
            return answer.status_code, answer.json()["code"]

        mine, theirs = [
            (await shop.post("/v1/carts", json={"session_id": uuid4().hex, "currency": "EUR"})).json()
            for _ in range(2)
        ]
        outcomes = Counter(await asyncio.gather(*(guess(mine, ADDRESS) for _ in range(30))))
        assert outcomes == {(422, "INVALID_DISCOUNT_CODE"): 10, (429, "RATE_LIMITED"): 20}
        assert await guess(theirs, ADDRESS) == (429, "RATE_LIMITED")
        assert await guess(theirs, "198.51.100.2") == (422, "INVALID_DISCOUNT_CODE")
