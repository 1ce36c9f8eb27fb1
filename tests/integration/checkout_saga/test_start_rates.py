"""The rate limit of starting checkouts: exact, and the same for all replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from checkout_saga.app import MIGRATIONS
from checkout_saga.checkout.start_rates import PASSED_RATES, StartRates
from checkout_saga.customers.vault import Vault
from contracts.customer_keys import CUSTOMER_KEYS
from devstack.databases import Database
from kernel.http.auth import Principal
from kernel.http.problems import Problem
from kernel.limits.rate_limits import Rate
from kernel.observability.health import Heartbeats
from kernel.postgres.retention import Retention
from kernel.security.master_keys import MasterKeys
from kernel.security.personal_data import PersonalData
from tests.integration.checkout_saga.conftest import caller
from tests.integration.checkout_saga.neighbours import order_for
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts
from tests.support.single_service import RunningService, created_database, running_service

SHOP = Principal("demo", "storefront", "shop")
RIVAL = Principal("rival", "storefront", "shop")
ADDRESS = "198.51.100.1"
FIVE_A_MINUTE = Rate(5, 60)
STOPPED = """
    CREATE OR REPLACE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT timestamptz '2026-03-02T14:00:00Z' + interval '{} seconds' $$
"""
"""A database's clock that stands still, so that each figure is exact."""


async def stop_clock(database: Database, seconds: float) -> None:
    await execute(database.owner_url, STOPPED.format(seconds))


@pytest.fixture
async def database(parts: Parts) -> Database:
    name = f"rates_{uuid4().hex}"
    return await migrated_database(name, parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


def rates_of(pool: Pool, rate: Rate = FIVE_A_MINUTE) -> StartRates:
    return StartRates(pool, rate, Vault(PersonalData(pool, MasterKeys(CUSTOMER_KEYS, bytes(32)), bytes(32))))


async def wait_of(rates: StartRates, customer: str | None = "ana", by: Principal = SHOP) -> int:
    """Start a checkout: the seconds of Retry-After, 0 if it is admitted."""
    admit = rates.admission(by, customer, ADDRESS)
    assert admit
    try:
        await admit()
    except Problem as refused:
        assert (refused.status_code, refused.code) == (429, "RATE_LIMITED")
        assert refused.headers
        return int(refused.headers["Retry-After"])
    return 0


async def test_x29_five_in_a_minute_are_five_at_once_or_one_every_twelve_seconds(
    database: Database, pool: Pool
) -> None:
    rates = rates_of(pool)

    async def waits(second: float, times: int) -> list[int]:
        await stop_clock(database, second)
        return [await wait_of(rates) for _ in range(times)]

    assert await waits(0, 6) == [0, 0, 0, 0, 0, 12]
    assert await waits(11.9, 1) == [1]
    assert await waits(12, 2) == [0, 12]
    assert await waits(60, 5) == [0, 0, 0, 0, 12]
    assert await waits(120, 1) == [0]


async def test_of_two_hundred_at_once_over_eight_connections_five_are_admitted(
    database: Database, pool: Pool
) -> None:
    await stop_clock(database, 0)
    rates = rates_of(pool)
    waits = await asyncio.gather(*(wait_of(rates) for _ in range(200)))
    assert (waits.count(0), waits.count(12)) == (5, 195)


async def test_a_rate_that_no_microsecond_divides_admits_no_more_than_it_says(
    database: Database, pool: Pool
) -> None:
    await stop_clock(database, 0)
    rates = rates_of(pool, Rate(7, 1))
    assert [await wait_of(rates) for _ in range(8)] == [0] * 7 + [1]
    await stop_clock(database, 0.142857)
    assert await wait_of(rates) == 1
    await stop_clock(database, 0.142858)
    assert await wait_of(rates) == 0


async def test_customers_addresses_and_tenants_are_counted_apart(database: Database, pool: Pool) -> None:
    await stop_clock(database, 0)
    rates = rates_of(pool, Rate(1, 60))
    cases: list[tuple[str | None, Principal]] = [
        ("ana", SHOP),
        ("bea", SHOP),
        (None, SHOP),
        (ADDRESS, SHOP),
        ("ana", RIVAL),
        (None, RIVAL),
    ]
    for customer, by in cases:
        assert [await wait_of(rates, customer, by) for _ in range(2)] == [0, 60]


async def test_checkouts_by_links_count_with_those_of_their_customer(database: Database, pool: Pool) -> None:
    await stop_clock(database, 0)
    rates = rates_of(pool, Rate(2, 60))
    by_link = rates.admission_by_link("demo", "ana")
    assert by_link

    assert await wait_of(rates) == 0
    await by_link()
    assert await wait_of(rates) == 30
    with pytest.raises(Problem, match="nothing was done"):
        await by_link()


async def test_only_storefronts_are_limited_and_only_where_there_is_a_rate(pool: Pool) -> None:
    for role in ("service", "admin"):
        assert rates_of(pool).admission(Principal("demo", role, "backend"), "ana", ADDRESS) is None
    unlimited = StartRates(pool, None, Vault(PersonalData(pool, MasterKeys(CUSTOMER_KEYS, bytes(32)), b"")))
    assert unlimited.admission(SHOP, "ana", ADDRESS) is None


async def test_nothing_that_is_stored_tells_who_was_counted_and_it_goes_once_its_time_has_passed(
    database: Database, pool: Pool
) -> None:
    await stop_clock(database, 0)
    rates = rates_of(pool)
    for customer in ("ana", None):
        await wait_of(rates, customer)
    rows = await pool.fetch("SELECT t::text AS text FROM checkout_rates t")
    assert len(rows) == 2
    assert not any(secret in it["text"] for it in rows for secret in ("ana", ADDRESS))

    retention = Retention(pool, [PASSED_RATES], 1, Heartbeats())
    await stop_clock(database, 12)
    await retention.round()
    assert await pool.fetchval("SELECT count(*) FROM checkout_rates") == 2
    await stop_clock(database, 12.000001)
    await retention.round()
    assert await pool.fetchval("SELECT count(*) FROM checkout_rates") == 0


@pytest.fixture(scope="module")
async def limited(parts: Parts, apart: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Starts replicas that share a database whose clock stands still."""
    database = await created_database("feira_checkout_limited", parts.postgres_superuser_url)
    folder = tmp_path_factory.mktemp("limited")
    own = {**apart, "FEIRA_CHECKOUT_RATE": "5/60", "FEIRA_TRUSTED_PROXIES": "127.0.0.0/8"}

    async with AsyncExitStack() as stack:

        async def start(name: str) -> RunningService:
            log: Path = folder / f"{name}.log"
            settings = {**own, "FEIRA_INSTANCE": name}
            service = running_service("checkout_saga", database, settings, log, once="/livez")
            return await stack.enter_async_context(service)

        first = await start("first")
        await stop_clock(database, 0)
        yield [first, await start("second")]


async def post(
    client: httpx.AsyncClient, body: dict[str, Any], key: str | None = None, address: str = ""
) -> httpx.Response:
    headers = {"Idempotency-Key": key or uuid4().hex} | ({"X-Forwarded-For": address} if address else {})
    return await client.post("/v1/checkouts", json=body, headers=headers)


def of_customer(customer_id: str) -> dict[str, Any]:
    return order_for(customer={"email": "ana@example.com", "id": customer_id})


async def test_x30_of_eight_at_once_over_two_replicas_five_pass_and_repetitions_are_free(
    limited: list[RunningService],
) -> None:
    customer = uuid4().hex
    requests = [(of_customer(customer), uuid4().hex) for _ in range(8)]
    async with caller(limited[0], "demo-storefront") as one, caller(limited[1], "demo-storefront") as other:
        first = [post((one, other)[n % 2], *request) for n, request in enumerate(requests)]
        answers = await asyncio.gather(*first)
        passed = [it for it, answer in zip(requests, answers, strict=True) if answer.status_code == 202]
        refused = [it for it in answers if it.status_code == 429]
        assert (len(passed), len(refused)) == (5, 3)
        for it in refused:
            assert (it.json()["code"], it.headers["Retry-After"]) == ("RATE_LIMITED", "12")
        for client in (one, other):
            for body, key in passed:
                again = await post(client, body, key)
                assert (again.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
        assert (await post(other, of_customer(customer))).headers["Retry-After"] == "12", "not moved"
        async with caller(limited[0], "demo-service") as backend:
            assert (await post(backend, of_customer(customer))).status_code == 202


async def test_guests_are_counted_by_the_address_that_a_trusted_proxy_names(
    limited: list[RunningService],
) -> None:
    async with caller(limited[0], "demo-storefront") as shop:
        for address in ("198.51.100.7", "203.0.113.7"):
            invented = [f"{uuid4().int % 255}.1.1.1, {address}" for _ in range(6)]
            answers = await asyncio.gather(*(post(shop, order_for(), address=it) for it in invented))
            assert sorted(it.status_code for it in answers) == [202] * 5 + [429]
