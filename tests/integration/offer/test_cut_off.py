"""A service dies before it responds: a retry gets the stored response, and there is one effect."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import httpx

from devstack.databases import Database
from tests.integration.offer.products import product_body
from tests.support.cut_off import post_and_kill
from tests.support.parts import Parts


async def test_a_retry_after_a_lost_response_gets_the_stored_response(
    parts: Parts, database: Database, admin: httpx.AsyncClient
) -> None:
    body, key = product_body(), uuid4().hex
    headers = {"Authorization": "Bearer demo-admin", "Idempotency-Key": key}
    settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
    await post_and_kill("offer", database, settings, "/v1/products", body, headers)

    first, again = [await admin.post("/v1/products", json=body, headers=headers) for _ in range(2)]

    assert (first.status_code, first.headers["idempotent-replayed"]) == (201, "true")
    assert (first.json()["sku"], first.json()["version"]) == (body["sku"], 1)
    assert again.content == first.content
    connection = await asyncpg.connect(database.owner_url)
    try:
        types = await connection.fetch(
            "SELECT type FROM log WHERE position(convert_to($1, 'UTF8') IN body) > 0", body["sku"]
        )
    finally:
        await connection.close()
    assert [it["type"] for it in types] == ["product.created"]
