"""A request whose service dies before the response is answered from the stored response, and has one
effect."""

from __future__ import annotations

from uuid import uuid4

import httpx

from devstack.databases import Database
from tests.support.cut_off import post_and_kill
from tests.support.parts import Parts


async def test_a_repeated_request_gets_the_response_that_was_stored_before_the_crash(
    parts: Parts, database: Database, shop: httpx.AsyncClient
) -> None:
    body, key = {"session_id": uuid4().hex, "currency": "USD"}, uuid4().hex
    headers = {"Authorization": "Bearer demo-storefront", "Idempotency-Key": key}
    settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
    await post_and_kill("cart", database, settings, "/v1/carts", body, headers)

    first, second = [await shop.post("/v1/carts", json=body, headers=headers) for _ in range(2)]

    # 201 as in the stored response, not 200 for a session that has a cart already
    assert (first.status_code, first.headers["idempotent-replayed"]) == (201, "true")
    assert first.json()["version"] == 1
    assert second.content == first.content
    assert (await shop.get(f"/v1/carts/{first.json()['cart_id']}")).json()["version"] == 1
