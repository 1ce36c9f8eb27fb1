"""A request whose service dies before the response is answered when it is repeated, and has one effect."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx

from devstack.databases import Database
from tests.integration.checkout_saga.neighbours import Neighbours, order_for
from tests.support.cut_off import post_and_kill


async def test_a_repeated_request_after_a_crash_gets_the_checkout_that_was_started(
    database: Database, settings: dict[str, str], shop: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    body, key = order_for(), uuid4().hex
    headers = {"Authorization": "Bearer demo-storefront", "Idempotency-Key": key}
    quiet = {**settings, "FEIRA_LOG_LEVEL": "warning"}
    await post_and_kill("checkout_saga", database, quiet, "/v1/checkouts", body, headers)

    first, again = [await shop.post("/v1/checkouts", json=body, headers=headers) for _ in range(2)]

    assert (first.status_code, first.headers["idempotent-replayed"]) == (202, "true")
    assert again.content == first.content
    checkout_id = first.json()["checkout_id"]
    assert (await neighbours.types(UUID(checkout_id))).count("checkout.started") == 1
    begun = "SELECT count(*) FROM log WHERE type = 'checkout.started' AND strpos(body::text, $1) > 0"
    needle = body["cart_id"].encode().hex()
    assert await neighbours.pool.fetchval(begun, needle) == 1
    assert (await neighbours.serve(shop, checkout_id, {"completed"}))["status"] == "completed"
