"""Public offers over HTTP, beside a bare FastAPI route that makes one INSERT: same server, same client.

Each request names a session. So each stores a view, and the first of a session its exposure to an experiment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil

from benchmarks.adding import Measured, Server, item_requests, measured, running_bare_route
from benchmarks.figures import Figure, Goal, percentile
from benchmarks.load import request
from tests.support.parts import Parts, running_parts
from tests.support.single_service import created_database, running_service

REQUESTS = {8: 5_000, 32: 10_000}
WARM_UP = 1_500
OFFERS, SESSIONS = 20, 1_000
CARTS = [uuid4() for _ in range(1_000)]
"""For the bare route, which takes items of carts."""


@asynccontextmanager
async def running_offer(parts: Parts, home: Path) -> AsyncIterator[tuple[Server, list[str]]]:
    """The service, and the slugs of its offers."""
    database = await created_database("feira_offer", parts.postgres_superuser_url)
    settings = {
        "FEIRA_ENV": "local",
        "FEIRA_LOG_LEVEL": "info",
        "FEIRA_INSTANCE": "offer",
        "FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap,
    }
    async with running_service("offer", database, settings, log=home / "offer.log") as service:
        key = {"Authorization": "Bearer demo-admin"}
        async with httpx.AsyncClient(base_url=service.url, headers=key, timeout=20) as admin:
            slugs = [await published(admin, number) for number in range(OFFERS)]
        yield Server(psutil.Process(service.process.pid), int(service.url.rpartition(":")[2])), slugs


async def published(admin: httpx.AsyncClient, number: int) -> str:
    """An offer of two products with an upsell, a discount and a running experiment."""
    products = [await product(admin, f"sku-{number}-{it}") for it in range(3)]
    slug = f"offer-{number}"
    offer = {
        "slug": slug,
        "name": f"Offer number {number}",
        "type": "physical_product",
        "products": [{"product_id": it} for it in products[:2]],
        "price": {"base": usd(9900), "discount": usd(7900)},
    }
    path = f"/v1/offers/{(await sent(admin, '/v1/offers', offer))['offer_id']}"
    upsell = {"product_id": products[2], "name": "More", "discount": {"type": "percentage", "value": 10}}
    await sent(admin, f"{path}/order-bumps", upsell)
    variants = [
        {"name": "control", "weight": 1},
        {"name": "b", "weight": 1, "changes": {"price": {"base": 9500}}},
    ]
    experiment = await sent(admin, f"{path}/experiments", {"name": "Price", "variants": variants})
    await sent(admin, f"{path}/experiments/{experiment['experiment_id']}/start")
    await sent(admin, f"{path}/publish")
    return slug


async def product(admin: httpx.AsyncClient, sku: str) -> str:
    body = {"sku": sku, "name": sku, "type": "physical_product", "prices": [usd(5000)]}
    product_id: str = (await sent(admin, "/v1/products", body))["product_id"]
    await sent(admin, f"/v1/products/{product_id}/activate")
    return product_id


async def sent(admin: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    response = await admin.post(path, json=body)
    response.raise_for_status()
    found: dict[str, Any] = response.json()
    return found


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def offer_requests(slugs: list[str], count: int) -> list[bytes]:
    return [
        request(
            "GET",
            f"/v1/public/offers/{slugs[number % len(slugs)]}?session_id=session-{number % SESSIONS}",
            b"",
            Authorization="Bearer demo-storefront",
        )
        for number in range(count)
    ]


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with (
        running_parts(home) as parts,
        running_bare_route(parts) as bare,
        running_offer(parts, home) as (offer, slugs),
    ):
        await measured(bare, item_requests(CARTS, WARM_UP), 32)
        await measured(offer, offer_requests(slugs, WARM_UP), 32)
        await asyncio.sleep(1)  # the views of the warm-up are stored
        for in_flight, count in REQUESTS.items():
            peer = await measured(bare, item_requests(CARTS, count), in_flight)
            ours = await measured(offer, offer_requests(slugs, count), in_flight)
            for figure in compared(f"public offers, {in_flight} in flight", ours, peer, in_flight):
                yield figure


def compared(name: str, ours: Measured, peer: Measured, in_flight: int) -> list[Figure]:
    most = Goal(">=", 0.8, of_ratio=True) if in_flight == 32 else None
    slowest = [percentile(it.load.waited, 99) * 1e3 for it in (ours, peer)]
    return [
        Figure(name, ours.load.per_second, "/s", "bare route", peer.load.per_second, most),
        Figure(f"{name}, p99", slowest[0], "ms", "bare route", slowest[1]),
        Figure(f"{name}, service's CPU", ours.cpu * 1e6, "us/request", "bare route", peer.cpu * 1e6),
    ]
