"""A request whose service dies before the answer is answered by the next one, and has had one effect."""

from __future__ import annotations

from uuid import uuid4

import httpx

from cli.stack.databases import Database
from tests.support.cut_off import post_and_kill
from tests.support.parts import Parts


async def test_a_cart_that_was_stored_and_not_told_is_told_to_whoever_asks_again(
    parts: Parts, database: Database, shop: httpx.AsyncClient
) -> None:
    body, key = {"session_id": uuid4().hex, "currency": "USD"}, uuid4().hex
    headers = {"Authorization": "Bearer demo-storefront", "Idempotency-Key": key}
    settings = {"FEIRA_KAFKA_BOOTSTRAP": parts.kafka_bootstrap}
    await post_and_kill("cart", database, settings, "/v1/carts", body, headers)

    first, again = [await shop.post("/v1/carts", json=body, headers=headers) for _ in range(2)]

    # not 200 with the cart that the session already has: 201, as it would have been told
    assert (first.status_code, first.headers["idempotent-replayed"]) == (201, "true")
    assert first.json()["version"] == 1
    assert again.content == first.content
    assert (await shop.get(f"/v1/carts/{first.json()['cart_id']}")).json()["version"] == 1
