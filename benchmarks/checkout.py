"""A whole purchase over HTTP: a cart, two items of fifty products, a code, payment, until it is completed."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from uuid import uuid4

import asyncpg

from benchmarks.figures import Figure, Goal, percentile
from benchmarks.processes import cpu_seconds, spent_since
from benchmarks.statements import Statements
from benchmarks.wire import Json, Wire
from contracts.topology import PUBLISHERS
from tests.support.stack import RunningStack, running_stack

AT_ONCE = (1, 8, 32)
SECONDS = 10.0
PRODUCTS = 50
CODE = "TENTH"
ON_HAND = 10_000_000
SETTINGS = {"FEIRA_ENV": "local"}
"""Without the movable clock of tests."""


class Shopper:
    """Buys as one customer after another over the same connections."""

    def __init__(self, stack: RunningStack, products: Sequence[str], random: Random) -> None:
        urls = stack.addresses.urls
        self._cart = Wire(urls["cart"], "demo-storefront")
        self._checkout = Wire(urls["checkout-saga"], "demo-storefront")
        self._products = products
        self._random = random

    async def buy(self) -> None:
        shopper_id = uuid4().hex
        cart = await self._cart.ask(
            "POST", "/v1/carts", {"session_id": shopper_id, "currency": "USD"}, f"cart {shopper_id}"
        )
        path = f"/v1/carts/{cart['cart_id']}"
        for number, product in enumerate(self._random.sample(self._products, 2)):
            item = {"product_id": product, "quantity": 1}
            await self._cart.ask("POST", f"{path}/items", item, f"item {number} {shopper_id}")
        await self._cart.ask("POST", f"{path}/discounts", {"code": CODE}, f"code {shopper_id}")
        body = {
            "cart_id": cart["cart_id"],
            "customer": {"id": f"customer-{shopper_id[:4]}", "email": f"{shopper_id}@customers.example"},
            "payment": {"method": "card", "token": "tok_ok"},
        }
        checkout = await self._checkout.ask("POST", "/v1/checkouts", body, f"checkout {shopper_id}")
        while checkout["status"] == "processing":
            where = f"/v1/checkouts/{checkout['checkout_id']}?wait_ms=10000"
            checkout = await self._checkout.ask("GET", where)
        if checkout["status"] != "completed":
            raise RuntimeError(f"a checkout ended as {checkout}")

    async def close(self) -> None:
        for it in (self._cart, self._checkout):
            await it.__aexit__(None, None, None)


async def put_on_sale(stack: RunningStack) -> Sequence[str]:
    """Fifty products on sale with a stock each, and a code."""
    async with Wire(stack.addresses.urls["offer"], "demo-admin") as offer:
        made = []
        for number in range(PRODUCTS):
            new: Json = {
                "sku": f"BENCH-{number}",
                "name": f"Thing number {number}",
                "type": "physical_product",
                "prices": [{"amount": 500 + 37 * number, "currency": "USD"}],
            }
            product = (await offer.ask("POST", "/v1/products", new, new["sku"]))["product_id"]
            await offer.ask("POST", f"/v1/products/{product}/activate", None, f"on {product}")
            count = {"on_hand": ON_HAND, "allow_backorders": False}
            await offer.ask("PUT", f"/v1/products/{product}/stock", count, f"count {product}")
            made.append(product)
        terms = {
            "code": CODE,
            "kind": "percentage",
            "value": 10,
            "limits": {"total": ON_HAND},
            "stacking": {"mode": "stackable"},
        }
        await offer.ask("POST", "/v1/promotions", terms, "code")
    return made


async def purchases(
    stack: RunningStack, products: Sequence[str], at_once: int, seconds: float = SECONDS
) -> list[float]:
    """Let ``at_once`` shoppers buy for ``seconds``. Returns the seconds of each purchase."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def shop(shopper: Shopper) -> None:
        while (began := time.perf_counter()) < until:
            await shopper.buy()
            took.append(time.perf_counter() - began)

    async with AsyncExitStack() as closing, asyncio.TaskGroup() as tasks:
        for number in range(at_once):
            shopper = Shopper(stack, products, Random(number))
            closing.push_async_callback(shopper.close)
            tasks.create_task(shop(shopper))
    return took


async def figures(home: Path) -> AsyncIterator[Figure]:
    with running_stack(home, SETTINGS) as stack:
        products = await put_on_sale(stack)
        await purchases(stack, products, 8, 5.0)  # warm up
        for at_once in AT_ONCE:
            written = await _written(stack)
            before, mine, began = cpu_seconds(stack), time.process_time(), time.perf_counter()
            took = await purchases(stack, products, at_once)
            orders, wall = len(took), time.perf_counter() - began
            spent = spent_since(before, stack)
            goals = {32: Goal(">=", 200)}
            yield Figure(f"orders, {at_once} at once", orders / wall, goal=goals.get(at_once))
            goals = {8: Goal("<", 150)}
            p50, p99 = (1000 * percentile(took, it) for it in (50, 99))
            yield Figure(f"an order, {at_once} at once, p50", p50, "ms", goal=goals.get(at_once))
            yield Figure(f"an order, {at_once} at once, p99", p99, "ms")
            goals = {32: Goal("<=", 8)}
            whole = 1000 * sum(spent.values()) / orders
            yield Figure(f"CPU per order, {at_once} at once", whole, "ms", goal=goals.get(at_once))
            for name, seconds in sorted(spent.items()):
                yield Figure(f"  of which {name}", 1000 * seconds / orders, "ms")
            yield Figure("  and the client", 1000 * (time.process_time() - mine) / orders, "ms")
            for name, more in ((await _written(stack)) - written).items():
                yield Figure(f"{name} per order, {at_once} at once", more / orders, "")
        statements = Statements(stack.addresses.postgres, stack.home / "logs" / "postgres.log")
        async with statements.counted() as counts:
            orders = len(await purchases(stack, products, 32, 5.0))
        executed = counts.total() / orders
        yield Figure("SQL statements per order, 32 at once", executed, "", goal=Goal("<=", 40))
        for database in sorted({it for it, _ in counts}):
            of_it = sum(count for (it, _), count in counts.items() if it == database)
            yield Figure(f"  of which in {database}", of_it / orders, "")


async def _written(stack: RunningStack) -> Counter[str]:
    """Bytes of the write-ahead log, and rows of the services' logs."""
    found: Counter[str] = Counter()
    connection = await asyncpg.connect(stack.addresses.postgres)
    try:
        found["WAL bytes"] = int(await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'"))
    finally:
        await connection.close()
    for service in PUBLISHERS:
        connection = await asyncpg.connect(stack.addresses.databases[service])
        try:
            found["log rows"] += await connection.fetchval("SELECT count(*) FROM log")
        finally:
            await connection.close()
    return found
