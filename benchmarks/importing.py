"""Import products over HTTP, 5,000 lines in one request: new ones, the same file again, and changed ones."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from benchmarks.figures import Figure, Goal
from tests.support.parts import running_parts
from tests.support.single_service import created_database, running_service

LINES = 5_000
LIMIT_SECONDS = 10.0
HEADER = "sku,name,type,category,prices\n"


def products(amount: int) -> bytes:
    price = f'"[{{""amount"": {amount}, ""currency"": ""EUR""}}]"'
    rows = (f"SKU-{it},Product {it},physical_product,kitchen,{price}\n" for it in range(LINES))
    return (HEADER + "".join(rows)).encode()


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home / "parts") as parts:
        database = await created_database("feira_offer", parts.postgres_superuser_url)
        settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
        async with (
            running_service("offer", database, settings) as service,
            httpx.AsyncClient(base_url=service.url, timeout=120) as client,
        ):
            for what, outcome, amount in (
                ("new products", "created", 1000),
                ("the same again", "unchanged", 1000),
                ("changed products", "changed", 1100),
            ):
                yield Figure(
                    f"import of {LINES:,} lines, {what}",
                    await _seconds(client, products(amount), outcome),
                    "s",
                    goal=Goal("<", LIMIT_SECONDS),
                )


async def _seconds(client: httpx.AsyncClient, file: bytes, outcome: str) -> float:
    headers = {"Authorization": "Bearer demo-admin", "Content-Type": "text/csv"}
    began = time.perf_counter()
    response = await client.post("/v1/imports/products", content=file, headers=headers)
    seconds = time.perf_counter() - began
    if response.json()[outcome] != LINES:
        raise RuntimeError(response.text[:500])
    return seconds
