"""A changed price reaches many open carts: first alone, then while other carts are filled over HTTP, for as
long as it takes.

The cart is a process as ``feira up`` starts it. The carts are put into its log by this process, many in one
append; the change is a row of the work list, as the projection of the catalogue writes it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import psutil

from benchmarks.adding import (
    NOW,
    PRODUCTS,
    TENANT,
    Server,
    item_requests,
    measured,
    open_carts,
    running_cart,
)
from benchmarks.figures import Figure, Goal, percentile
from benchmarks.load import Load
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.shopping import AddItem, CreateCart, add_item, create_cart
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted
from cart.catalogue.news import News
from cart.catalogue.product_rows import ProductRows
from cart.catalogue.repository import TransactionalCatalogue
from cart.catalogue.repricing_requests import FIRST_CART
from cart.settings import CartSettings
from contracts import product
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.support.database import Pool, service_pool
from tests.support.parts import running_parts
from tests.support.waiting import until

CARTS = 10_000
AT_ONCE = 250
ROUNDS = 36
"""Of adding, at most, while the carts are repriced."""
REQUESTS = 500
"""In each round."""
IN_FLIGHT = 8
CHANGED = PRODUCTS[0]
CONTEXT = Context(TENANT, "benchmark", "benchmark", "benchmark")
POLICY: Policy = CartSettings.model_construct().policy
REQUEST = """
    INSERT INTO repricing (tenant, product_id, after_cart, correlation_id, causation_id)
    VALUES ($1, $2, $3, 'benchmark', 'benchmark')
"""
REPRICED = "SELECT count(*) FROM log WHERE type = 'cart.repriced'"
DONE = "SELECT (NOT EXISTS (SELECT FROM repricing))::int"
INDEXED = "SELECT count(*) FROM cart_holding WHERE product_id = $1"


class ReadOnce:
    """The catalogue, for carts that all hold the same product."""

    def __init__(self, excerpt: CatalogueExcerpt) -> None:
        self._excerpt = excerpt

    async def read(self, *_: Any, **__: Any) -> CatalogueExcerpt:
        return self._excerpt

    async def read_ahead(self, *_: Any, **__: Any) -> None:
        """Does nothing: all is in memory."""

    async def published_offers(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("only offers that are not available ask for others")


async def fill_carts(pool: Pool) -> None:
    store = EventStore(pool, MESSAGES)

    async def act(work: PgUnitOfWork) -> None:
        for _ in range(AT_ONCE):
            command = CreateCart(uuid4().hex, None, "USD", "standard", {})
            priced, _ = await create_cart(command, work, catalogue, POLICY)
            await add_item(AddItem(priced.cart.id, CHANGED, 1, {}), work, catalogue)

    async with pool.acquire() as connection:
        wanted = Wanted(products=[CHANGED])
        catalogue = ReadOnce(await TransactionalCatalogue(connection).read(TENANT, wanted))
    for _ in range(CARTS // AT_ONCE):
        await store.run(CONTEXT, act)


async def change_price(pool: Pool, version: int) -> None:
    details = product.Details(
        sku="sku-0",
        name="Thing number 0",
        type="physical_product",
        prices=(product.Price(amount=1500 + version, currency="USD"),),
    )
    stamp: dict[str, Any] = {"originator_id": CHANGED, "originator_version": version, "timestamp": NOW}
    rows, news = ProductRows(), News()
    rows.add(TENANT, product.Changed(**stamp, details=details))
    async with pool.acquire() as connection, connection.transaction():
        await rows.write(connection, news)
        await connection.execute(REQUEST, TENANT, CHANGED, FIRST_CART)
        await news.tell(connection)


async def until_repriced(pool: Pool, count: int) -> float:
    """The moment at which the work list is empty; by then there are so many repricings in the log. Counting
    them again and again would load the database more than the repricing."""
    await until(lambda: _counts(pool, 1, DONE), 120)
    ended = time.monotonic()
    if not await _counts(pool, count, REPRICED):
        raise AssertionError("the work list is empty, and carts are missing")
    return ended


async def prepared(cart: Server, rounds: int) -> list[list[bytes]]:
    """The requests of each round, to carts of its own."""
    return [item_requests(await open_carts(cart, REQUESTS), REQUESTS) for _ in range(rounds)]


async def adding(cart: Server, rounds: list[list[bytes]], end: asyncio.Task[float] | None = None) -> Load:
    """All rounds, or as many as begin before the ``end``."""
    total = Load()
    for requests in rounds:
        if end is not None and end.done():
            break
        load = (await measured(cart, requests, IN_FLIGHT)).load
        total.seconds += load.seconds
        total.waited += load.waited
    return total


async def cpu_seconds(cart: Server, superuser_url: str) -> tuple[float, float]:
    """Of the cart's process and of the whole database server, so far."""
    connection = await asyncpg.connect(superuser_url)
    try:
        folder = Path(await connection.fetchval("SHOW data_directory"))
    finally:
        await connection.close()
    server = psutil.Process(int((folder / "postmaster.pid").read_text().split()[0]))
    used = 0.0
    for process in (server, *server.children()):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used += times.user + times.system + times.children_user + times.children_system
    return cart.cpu(), used


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with (
        running_parts(home) as parts,
        running_cart(parts, home) as (cart, database),
        service_pool(database) as pool,
    ):
        await fill_carts(pool)
        await until(lambda: _counts(pool, CARTS, INDEXED, CHANGED), 120)
        await adding(cart, await prepared(cart, 4))
        before = await cpu_seconds(cart, parts.postgres_superuser_url)
        began = time.monotonic()
        await change_price(pool, 2)
        alone = await until_repriced(pool, CARTS) - began
        used = await cpu_seconds(cart, parts.postgres_superuser_url)
        requests = await prepared(cart, ROUNDS)
        quiet = await adding(cart, await prepared(cart, 4))
        already = await pool.fetchval(REPRICED)
        began = time.monotonic()
        await change_price(pool, 3)
        reached = asyncio.create_task(until_repriced(pool, already + CARTS))
        busy = await adding(cart, requests, reached)
        seconds = await reached - began
    yield Figure(f"repricing, {CARTS:,} open carts, alone", alone, "s")
    for name, after, earlier in zip(("service", "database"), used, before, strict=True):
        yield Figure(f"repricing, {name}'s CPU", (after - earlier) / CARTS * 1e6, "us/cart")
    yield Figure(f"repricing, {CARTS:,} open carts, beside adding", seconds, "s", goal=Goal("<", 10))
    rates = busy.per_second, quiet.per_second
    yield Figure(
        "adding while carts are repriced", rates[0], "/s", "at rest", rates[1], Goal(">=", 0.9, of_ratio=True)
    )
    p95 = [percentile(it.waited, 95) * 1e3 for it in (busy, quiet)]
    yield Figure(
        "adding while carts are repriced, p95", p95[0], "ms", "at rest", p95[1], Goal("<", 1.5, of_ratio=True)
    )


async def _counts(pool: Pool, count: int, query: str, *arguments: object) -> bool:
    return bool(await pool.fetchval(query, *arguments) >= count)
