"""Times of the dashboard's pages, where the read models hold what a million facts leave behind.

32 facts make an order, so the rows are those of 31,250 orders by 10,000 customers over two years, inserted
directly. The pages are asked for one after the other, over HTTP, by one visitor; the first request of each
stands apart, since statements are planned and templates are read in it. CPU time says more than time where
others use the processor.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import asyncpg
import httpx
import psutil

from benchmarks.figures import Figure, Goal, percentile
from benchmarks.processes import seconds_of
from tests.support.dashboard import sign_in
from tests.support.parts import running_parts
from tests.support.single_service import created_database, running_service
from tests.support.waiting import until

ORDERS = 31_250
ROUNDS = 30
MOST_MS = Goal("<=", 50)
DAY = "(now() AT TIME ZONE 'UTC')::date"
PRODUCT = "00000000-0000-7000-8000-000000000007"
FILL: Mapping[str, str] = {
    "checkout_conversion": f"""
        SELECT 'demo', {DAY} - n % 730, 'EUR', {DAY} - n % 730, 60, 43, 215000, 210000
        FROM generate_series(0, 729) AS n
    """,  # noqa: S608
    "sales": f"""
        SELECT 'demo', 'customer-' || (n * 7919) % 10000, 'EUR', {DAY} - n % 730, {DAY} - n % 730, 1, 2,
               1000 + n % 9000, CASE WHEN n % 20 = 0 THEN 500 ELSE 0 END, 0, 0, 0
        FROM generate_series(1, {ORDERS}) AS n
    """,  # noqa: S608
    "product_sales": f"""
        SELECT 'demo', {DAY} - n % 730, 'EUR',
               ('00000000-0000-7000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid,
               'SKU-' || n % 500, 'Product ' || n % 500, {DAY} - n % 730, 1, 2, 2000
        FROM generate_series(1, {2 * ORDERS}) AS n
    """,  # noqa: S608
    "product_customers": f"""
        SELECT 'demo', ('00000000-0000-7000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid,
               'customer-' || (n * 7919) % 10000, 'EUR', {DAY} - n % 730, {DAY} - n % 730, 1, 2, 2000
        FROM generate_series(1, {2 * ORDERS}) AS n
    """,  # noqa: S608
    "funnel": f"""
        SELECT 'demo', {DAY} - n, step, 10 * (1 + length(step) % 3)
        FROM generate_series(0, 729) AS n,
             unnest(ARRAY['cart_created', 'item_added', 'checkout_started', 'customer_and_shipping',
                          'payment_asked', 'completed']) AS step
    """,  # noqa: S608
    "checkout_operations": f"""
        SELECT 'demo', {DAY} - n % 730, 'duration', (100 + n % 900)::text, '', 1
        FROM generate_series(1, {ORDERS}) AS n
    """,  # noqa: S608
    "checkout_operations_subject": f"""
        SELECT 'demo', gen_random_uuid(), jsonb_build_object(
                   'begun', ({DAY} - n % 730)::text, 'begun_ms', 1, 'extended_ms', 0, 'stuck', '[]'::jsonb,
                   'ended', n % 1000 <> 0)
        FROM generate_series(1, {ORDERS}) AS n
    """,  # noqa: S608
    "customer_segment": f"""
        SELECT 'demo', 'customer-' || n, 'EUR', {DAY} - 30 * month, 1 + (n + month) % 5, 1 + n % 5, 1 + n % 5,
               (ARRAY['loyal', 'at_risk', 'new', 'champion', 'hibernating'])[1 + (n + month) % 5]
        FROM generate_series(0, 9999) AS n, generate_series(0, 5) AS month
    """,  # noqa: S608
    "model_run": f"""
        SELECT 'demo', '00000000-0000-7000-8000-000000000001', 'customer_value', 1, 'EUR', NULL, 'bench',
               now(), 'done', NULL, 1, NULL, now(), now(), {DAY} - 730, {DAY} - 1, {ORDERS}, '{{}}',
               NULL, '{{}}'
    """,
    "marketing_spend": f"""
        SELECT 'demo', gen_random_uuid(), 'search', {DAY} - n, 'EUR', 5000, now(), 'bench', {DAY} - n
        FROM generate_series(1, 729) AS n
    """,  # noqa: S608
    "customer_value": """
        SELECT 'demo', 'customer-' || n, 'EUR', '00000000-0000-7000-8000-000000000001', 0.9,
               (n % 100) / 100.0, 1.5, 1000 + n
        FROM generate_series(0, 9999) AS n
    """,
}
PAGES = (
    "/",
    "/conversion",
    "/conversion?compare=year",
    "/products",
    "/product-customers",
    f"/product-customers?product_id={PRODUCT}&range=last_365_days",
    "/checkout-operations",
    "/offers",
    "/funnels",
    "/abandonment",
    "/referrals",
    "/campaigns",
    "/customers",
    "/customers/customer-7",
    "/cohorts",
    "/churn",
    "/churn?at_risk=true",
    "/executive",
    "/forecasts",
    "/forecast-months",
    "/recommendations",
    "/reported-figures",
    "/freshness",
    "/dictionary",
)


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home) as parts:
        database = await created_database("feira_projections", parts.postgres_superuser_url)
        settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
        async with (
            running_service("projections", database, settings) as service,
            httpx.AsyncClient(base_url=service.url, timeout=120) as client,
        ):
            await until(lambda: _is_built(client))
            await _fill(database.superuser_url)
            await sign_in(client, "demo-analyst")
            pids = service.process.pid, parts.postgres.pid

            def cpu_seconds() -> float:
                return sum(seconds_of(psutil.Process(it), with_children=True) for it in pids)

            for page in PAGES:
                first = await _milliseconds(client, page)
                before = cpu_seconds()
                times = [await _milliseconds(client, page) for _ in range(ROUNDS)]
                cpu = (cpu_seconds() - before) / ROUNDS * 1000
                yield Figure(f"{page}, p50", percentile(times, 50), "ms", goal=MOST_MS)
                yield Figure("  p99", percentile(times, 99), "ms")
                yield Figure("  the first request", first, "ms")
                yield Figure("  CPU of the service and of PostgreSQL", cpu, "ms")


async def _is_built(client: httpx.AsyncClient) -> bool:
    """A rebuild would replace the rows."""
    answer = await client.get("/v1/projections", headers={"Authorization": "Bearer demo-analyst"})
    return all(it["state"] == "live" for it in answer.json()["items"])


async def _fill(superuser: str) -> None:
    connection = await asyncpg.connect(superuser)
    try:
        for table, rows in FILL.items():
            await connection.execute(f"INSERT INTO {table} {rows} ON CONFLICT DO NOTHING")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def _milliseconds(client: httpx.AsyncClient, page: str) -> float:
    began = time.perf_counter()
    answer = await client.get(page)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"{page}: {answer.status_code}, {answer.text[:300]}")
    return took
