"""Add to cart over HTTP, beside a bare FastAPI route that makes one INSERT: same server, same client.

The cart is a process as ``feira up`` starts it, relay and log lines included. Every request carries an
Idempotency-Key; a cart takes five of them, each of another product.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import psutil

from benchmarks.figures import Figure, Goal, percentile
from benchmarks.load import Load, drive, request
from benchmarks.statements import Statements
from cart.catalogue.news import News
from cart.catalogue.product_rows import ProductRows
from cart.catalogue.tax_rate_rows import TaxRateRows
from contracts import product, tax_rate
from devstack import ports
from devstack.databases import Database
from tests.support.database import service_pool
from tests.support.parts import Parts, running_parts
from tests.support.single_service import created_database, running_service
from tests.support.waiting import until

REQUESTS = {1: 1_000, 8: 5_000, 32: 8_000}
COUNTED = 600
WARM_UP = 1_500
PRODUCTS = [uuid4() for _ in range(50)]
PER_CART = 5
TENANT = "demo"
KEY = f"Bearer {TENANT}-storefront"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Server:
    """A server process that takes items, and its CPU time."""

    process: psutil.Process
    port: int

    def cpu(self) -> float:
        used = self.process.cpu_times()
        return used.user + used.system


@dataclass(frozen=True)
class Measured:
    load: Load
    cpu: float
    """CPU time of the server's process, in seconds per request."""


async def measured(server: Server, requests: Sequence[bytes], in_flight: int) -> Measured:
    before = server.cpu()
    load = await asyncio.to_thread(drive, server.port, requests, in_flight)
    return Measured(load, (server.cpu() - before) / len(requests))


def item_requests(carts: Sequence[UUID], count: int) -> list[bytes]:
    """``count`` requests: one item to each of the carts in turn, each time of another product."""
    return [
        request(
            "POST",
            f"/v1/carts/{carts[number % len(carts)]}/items",
            orjson.dumps(
                {"product_id": PRODUCTS[(number + number // len(carts)) % len(PRODUCTS)], "quantity": 1}
            ),
            Authorization=KEY,
            Idempotency_Key=str(uuid4()),
        )
        for number in range(count)
    ]


async def open_carts(server: Server, count: int) -> list[UUID]:
    """Open carts for ``count`` items."""
    new = [
        request(
            "POST",
            "/v1/carts",
            orjson.dumps({"session_id": str(uuid4()), "currency": "USD"}),
            Authorization=KEY,
        )
        for _ in range(count // PER_CART)
    ]
    made = await asyncio.to_thread(drive, server.port, new, 32, keep=True)
    return [UUID(orjson.loads(body)["cart_id"]) for body in made.bodies]


async def write_catalogue(database: Database) -> None:
    """Write the products and a tax rate into the cart's catalogue."""
    products, taxes, news = ProductRows(), TaxRateRows(), News()
    stamp: dict[str, Any]
    for number, it in enumerate(PRODUCTS):
        details = product.Details(
            sku=f"sku-{number}",
            name=f"Thing number {number}",
            type="physical_product",
            prices=(product.Price(amount=1000 + number, currency="USD"),),
        )
        stamp = {"originator_id": it, "originator_version": 1, "timestamp": NOW}
        products.add(TENANT, product.Created(**stamp, details=details, status="active"))
    stamp = {"originator_id": uuid4(), "originator_version": 1, "timestamp": NOW}
    taxes.add(TENANT, tax_rate.Set(**stamp, country="US", rate="7.25", inclusive=False, name="Sales tax"))
    async with service_pool(database) as pool, pool.acquire() as connection, connection.transaction():
        await products.write(connection, news)
        await taxes.write(connection, news)
        await news.tell(connection)


@asynccontextmanager
async def running_cart(parts: Parts, home: Path) -> AsyncIterator[tuple[Server, Database]]:
    database = await created_database("feira_cart", parts.postgres_superuser_url)
    settings = {
        "FEIRA_ENV": "local",
        "FEIRA_LOG_LEVEL": "info",
        "FEIRA_INSTANCE": "cart",
        "FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap,
    }
    async with running_service("cart", database, settings, log=home / "cart.log") as service:
        await write_catalogue(database)
        yield Server(psutil.Process(service.process.pid), int(service.url.rpartition(":")[2])), database


@asynccontextmanager
async def running_bare_route(parts: Parts) -> AsyncIterator[Server]:
    database = await created_database("bare", parts.postgres_superuser_url)
    port = ports.free()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bare_route", str(port), database.owner_url
    )
    try:
        await until(lambda: _listens(port), 30)
        yield Server(psutil.Process(process.pid), port)
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with (
        running_parts(home) as parts,
        running_bare_route(parts) as bare,
        running_cart(parts, home) as (cart, database),
    ):
        for server in (bare, cart):
            await measured(server, item_requests(await open_carts(cart, WARM_UP), WARM_UP), 32)
        for in_flight, count in REQUESTS.items():
            carts = await open_carts(cart, count)
            peer = await measured(bare, item_requests(carts, count), in_flight)
            ours = await measured(cart, item_requests(carts, count), in_flight)
            for figure in compared(f"adding, {in_flight} in flight", ours, peer, in_flight):
                yield figure
        statements = Statements(parts.postgres_superuser_url, home / "logs" / "postgres.log")
        for in_flight in REQUESTS:
            requests = item_requests(await open_carts(cart, COUNTED), COUNTED)
            async with statements.counted() as counted:
                await measured(cart, requests, in_flight)
            name = f"adding, {in_flight} in flight, SQL statements"
            ours_alone = sum(count for (it, _), count in counted.items() if it == database.name)
            yield Figure(name, ours_alone / COUNTED, "/request")


def compared(name: str, ours: Measured, peer: Measured, in_flight: int) -> list[Figure]:
    def ms(load: Load, hundredth: int) -> float:
        return percentile(load.waited, hundredth) * 1e3

    most = Goal(">=", 0.5, of_ratio=True) if in_flight == 32 else None
    slowest = Goal("<", 20) if in_flight == 8 else None
    route = "bare route"
    return [
        Figure(name, ours.load.per_second, "/s", route, peer.load.per_second, most),
        Figure(f"{name}, p50", ms(ours.load, 50), "ms", route, ms(peer.load, 50)),
        Figure(f"{name}, p99", ms(ours.load, 99), "ms", route, ms(peer.load, 99), slowest),
        Figure(f"{name}, service's CPU", ours.cpu * 1e6, "us/request", route, peer.cpu * 1e6),
        Figure(
            f"{name}, client's CPU",
            ours.load.own_cpu / len(ours.load.waited) * 1e6,
            "us/request",
            route,
            peer.load.own_cpu / len(peer.load.waited) * 1e6,
        ),
    ]
