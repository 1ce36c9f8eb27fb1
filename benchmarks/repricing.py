"""A changed price reaches many open carts, while other carts are filled over HTTP.

The cart is a process as ``feira up`` starts it. The carts are put into its log by this process, many in one
append; the change is a row of the work list, as the projection of the catalogue writes it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.adding import (
    NOW,
    PRODUCTS,
    TENANT,
    Measured,
    Server,
    item_requests,
    measured,
    open_carts,
    running_cart,
)
from benchmarks.figures import Figure, Goal
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
REQUESTS = 2_000
IN_FLIGHT = 8
CHANGED = PRODUCTS[0]
CONTEXT = Context(TENANT, "benchmark", "benchmark", "benchmark")
POLICY: Policy = CartSettings.model_construct().policy
REQUEST = "INSERT INTO repricing VALUES ($1, $2, $3, 'benchmark', 'benchmark', NULL, NULL)"
REPRICED = "SELECT count(*) FROM log WHERE type = 'cart.repriced'"
INDEXED = "SELECT count(*) FROM cart_holding WHERE product_id = $1"


class ReadOnce:
    """The catalogue, for carts that all hold the same product."""

    def __init__(self, excerpt: CatalogueExcerpt) -> None:
        self._excerpt = excerpt

    async def read(self, *_: Any, **__: Any) -> CatalogueExcerpt:
        return self._excerpt

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


async def change_price(pool: Pool) -> None:
    details = product.Details(
        sku="sku-0",
        name="Thing number 0",
        type="physical_product",
        prices=(product.Price(amount=1500, currency="USD"),),
    )
    stamp: dict[str, Any] = {"originator_id": CHANGED, "originator_version": 2, "timestamp": NOW}
    rows, news = ProductRows(), News()
    rows.add(TENANT, product.Changed(**stamp, details=details))
    async with pool.acquire() as connection, connection.transaction():
        await rows.write(connection, news)
        await connection.execute(REQUEST, TENANT, CHANGED, FIRST_CART)
        await news.tell(connection)


async def until_repriced(pool: Pool, count: int) -> float:
    """The moment at which so many carts have the new price."""
    await until(lambda: _counts(pool, count, REPRICED), 120)
    return time.monotonic()


async def adding(cart: Server) -> Measured:
    return await measured(cart, item_requests(await open_carts(cart, REQUESTS), REQUESTS), IN_FLIGHT)


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with (
        running_parts(home) as parts,
        running_cart(parts, home) as (cart, database),
        service_pool(database) as pool,
    ):
        await fill_carts(pool)
        await until(lambda: _counts(pool, CARTS, INDEXED, CHANGED), 120)
        await adding(cart)
        quiet = await adding(cart)
        began = time.monotonic()
        await change_price(pool)
        reached = asyncio.create_task(until_repriced(pool, CARTS))
        busy = await adding(cart)
        seconds = await reached - began
    yield Figure(f"repricing, {CARTS:,} open carts", seconds, "s", goal=Goal("<", 10))
    rates = busy.load.per_second, quiet.load.per_second
    yield Figure(
        "adding while carts are repriced", rates[0], "/s", "at rest", rates[1], Goal(">=", 0.9, of_ratio=True)
    )


async def _counts(pool: Pool, count: int, query: str, *arguments: object) -> bool:
    return bool(await pool.fetchval(query, *arguments) >= count)
