"""A refund that the gateway refuses, over HTTP: who sees it, and what they can do about it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from tests.integration.checkout_saga.conftest import SECRET, caller
from tests.integration.checkout_saga.neighbours import ENDS, Neighbours, begin
from tests.support.single_service import RunningService

WHY = {"reason": "the customer has called"}


async def bought(shop: httpx.AsyncClient, neighbours: Neighbours) -> dict[str, Any]:
    ended = await neighbours.serve(shop, await begin(shop), ENDS)
    return dict((await shop.get(f"/v1/orders/{ended['order_id']}")).json())


async def paid_back_elsewhere(gateway: RunningService, order: dict[str, Any]) -> None:
    """An operator has given the money back at the gateway by hand: it refuses to do so again."""
    async with caller(gateway, SECRET) as client:
        money = {"amount": order["totals"]["total"]["amount"], "currency": order["currency"]}
        asked = {"merchant": "demo", "payment_id": order["payments"][0]["payment_id"], "reason": "r", **money}
        done = await client.post("/v1/refunds", json=asked, headers={"Idempotency-Key": uuid4().hex})
        assert done.json()["status"] == "refunded", done.text


async def until_refund_is(status: str, shop: httpx.AsyncClient, order_id: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            order = (await shop.get(f"/v1/orders/{order_id}")).json()
            if order["refunds"][-1]["status"] == status:
                return dict(order)
            await asyncio.sleep(0.1)


async def waiting(ops: httpx.AsyncClient) -> dict[str, Any]:
    items = (await ops.get("/v1/attention?kind=refund&limit=100")).json()["items"]
    return {it["order_id"]: it for it in items}


async def test_a_refused_refund_needs_attention_until_an_operator_resolves_it(
    shop: httpx.AsyncClient,
    ops: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    gateway: RunningService,
) -> None:
    order = await bought(shop, neighbours)
    order_id = order["order_id"]
    await paid_back_elsewhere(gateway, order)
    key = {"Idempotency-Key": uuid4().hex}
    assert (await admin.post(f"/v1/orders/{order_id}/refunds", json=WHY, headers=key)).status_code == 202
    refund = (await until_refund_is("failed", shop, order_id))["refunds"][0]
    path = f"/v1/orders/{order_id}/refunds/{refund['refund_id']}"

    entry = (await waiting(ops))[order_id]
    assert (entry["id"], entry["code"]) == (refund["refund_id"], refund["code"])
    health = (await shop.get("/health/checkout", headers={"Authorization": ""})).json()
    assert health["checks"]["stuck_refunds"]["status"] == "degraded"

    retried = await ops.post(f"{path}/retry", json=WHY)
    assert (retried.status_code, retried.json()["refunds"][0]["status"]) == (200, "requested")
    await until_refund_is("failed", shop, order_id)
    assert order_id in await waiting(ops)

    done = await ops.post(f"{path}/resolve", json={"outcome": "done", "reference": "bank-7", **WHY})
    assert (done.status_code, done.json()["status"]) == (200, "refunded")
    assert order_id not in await waiting(ops)
    again = await ops.post(f"{path}/resolve", json={"outcome": "not_done", **WHY})
    assert (again.status_code, again.json()["code"]) == (409, "REFUND_NOT_RESOLVABLE")


async def test_unknown_refunds_and_those_of_other_tenants_are_not_found(
    shop: httpx.AsyncClient, ops: httpx.AsyncClient, neighbours: Neighbours, service: RunningService
) -> None:
    order_id = (await bought(shop, neighbours))["order_id"]
    path = f"/v1/orders/{order_id}/refunds/{uuid4()}/retry"
    missing = await ops.post(path, json=WHY)
    assert (missing.status_code, missing.json()["code"]) == (404, "REFUND_NOT_FOUND")
    for key, status, code in (("demo-admin", 403, "FORBIDDEN"), ("rival-ops", 404, "ORDER_NOT_FOUND")):
        async with caller(service, key) as client:
            refused = await client.post(path, json=WHY)
            assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_a_manual_refund_makes_no_call_and_ends_by_an_operators_word(
    shop: httpx.AsyncClient,
    ops: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    gateway: RunningService,
) -> None:
    order = await bought(shop, neighbours)
    order_id, total = order["order_id"], order["totals"]["total"]
    asked = {"amount": 300, "method": "manual", "reason_code": "goodwill", **WHY}
    path = f"/v1/orders/{order_id}/refunds"
    answer = await admin.post(path, json=asked, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 202, answer.text
    (refund,) = answer.json()["refunds"]
    assert (refund["status"], refund["code"]) == ("needs_operator", "REFUND_MANUAL")
    assert (refund["method"], refund["reason_code"]) == ("manual", "goodwill")
    assert sum(it["amount"]["amount"] for it in refund["allocation"]) == 300
    assert (await waiting(ops))[order_id]["actions"] == ["resolve"]

    path = f"{path}/{refund['refund_id']}"
    refused = await ops.post(f"{path}/retry", json=WHY)
    assert (refused.status_code, refused.json()["code"]) == (409, "REFUND_NOT_RESOLVABLE")
    done = await ops.post(f"{path}/resolve", json={"outcome": "done", "reference": "bank-7", **WHY})
    assert (done.status_code, done.json()["refunds"][0]["status"]) == (200, "refunded")
    assert done.json()["refundable"]["amount"] == total["amount"] - 300
    assert order_id not in await waiting(ops)
    async with caller(gateway, SECRET) as client:
        asked_for = f"{order['checkout_id']}:refund:{refund['refund_id']}:1"
        found = await client.get(f"/v1/operations/{asked_for}", params={"merchant": "demo"})
        assert found.status_code == 404, "the gateway was never asked"
