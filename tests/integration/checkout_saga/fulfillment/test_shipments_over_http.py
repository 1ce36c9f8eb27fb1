"""Goods over HTTP: dispatched at once or by hand, delivered or not, and never twice."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.checkout_saga.fulfillment.buying import (
    SETTINGS,
    bought,
    order_of,
    results,
    sold,
)
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.waiting import until

MANUAL = {"fulfillment": {"physical_product": "manual"}}


async def test_goods_that_leave_at_once_are_one_shipment_that_arrives(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    rival: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sale = sold(("physical_product", uuid4()), ("physical_product", uuid4()))
    order = await bought(sale, shop, neighbours, monkeypatch)
    assert (order["status"], results(order)) == ("fulfilled", ["successful"] * 2)

    (shipment,) = (await admin.get("/v1/shipments", params={"order_id": order["order_id"]})).json()["items"]
    assert [it["quantity"] for it in shipment["lines"]] == [1, 1]
    assert order["lines"][0]["fulfillment"]["reference"] == shipment["shipment_id"]
    path = f"/v1/shipments/{shipment['shipment_id']}"
    assert (await admin.post(f"{path}/deliver")).json()["status"] == "delivered"
    assert (await admin.get(path)).json()["status"] == "delivered"
    refused = await admin.post(f"{path}/fail", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "FULFILLMENT_NOT_POSSIBLE")
    for answer in (await rival.get(path), await rival.post(f"{path}/return", json={})):
        assert (answer.status_code, answer.json()["code"]) == (404, "SHIPMENT_NOT_FOUND")
    assert (await shop.get(path)).status_code == 403


async def test_of_many_shipments_of_the_same_units_at_once_one_leaves(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (await admin.put(SETTINGS, json=MANUAL)).status_code == 200
    sale = sold(("physical_product", uuid4()))
    order = await bought(sale, shop, neighbours, monkeypatch)
    assert (order["status"], results(order)) == ("paid", ["pending"])

    units: dict[str, Any] = {"lines": [{"line_id": sale.lines[0].line_id, "quantity": 1}], "carrier": "CTT"}
    path = f"/v1/orders/{order['order_id']}/shipments"
    answers = await asyncio.gather(*(admin.post(path, json=units) for _ in range(8)))
    assert sorted(it.status_code for it in answers) == [201] + [409] * 7
    assert (await order_of(shop, order["order_id"]))["status"] == "fulfilled"
    listed = (await admin.get("/v1/shipments", params={"order_id": order["order_id"]})).json()["items"]
    assert [it["carrier"] for it in listed] == ["CTT"]

    wrongs: list[dict[str, Any]] = [{"lines": []}, {**units, "tracking_url": "http://x.example"}]
    for wrong in wrongs:
        assert (await admin.post(path, json=wrong)).status_code == 422


async def test_a_unit_comes_back_once_however_often_it_is_asked_for_and_is_refunded(
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sale = sold(("physical_product", uuid4()))
    order = await bought(sale, shop, neighbours, monkeypatch)
    line_id = sale.lines[0].line_id
    asked = {"lines": [{"line_id": line_id, "quantity": 1, "reason_code": "defective"}]}
    path = f"/v1/orders/{order['order_id']}/returns"
    answers = await asyncio.gather(*(shop.post(path, json=asked) for _ in range(8)))
    assert sorted(it.status_code for it in answers) == [201] + [409] * 7
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"RETURN_NOT_POSSIBLE"}

    (listed,) = (await admin.get("/v1/returns", params={"order_id": order["order_id"]})).json()["items"]
    by_id = f"/v1/returns/{listed['return_id']}"
    assert (await shop.post(f"{by_id}/approve")).status_code == 403
    assert (await admin.post(f"{by_id}/approve")).json()["status"] == "approved"
    busy = await admin.post(f"/v1/customers/{order['customer_id']}/erase", json={"reason": "asked"})
    assert (busy.status_code, busy.json()["returns"]) == (409, [listed["return_id"]])
    came = {"lines": [{"line_id": line_id, "quantity": 1, "condition": "sellable"}]}
    key = {"Idempotency-Key": uuid4().hex}
    received = await admin.post(f"{by_id}/receive", json=came, headers=key)
    assert received.status_code == 200, received.text
    assert (await admin.post(f"{by_id}/receive", json=came, headers=key)).json() == received.json()

    async def is_closed() -> bool:
        return bool((await admin.get(by_id)).json()["status"] == "closed")

    await until(is_closed)
    after = await order_of(shop, order["order_id"])
    assert (after["status"], after["refunds"][0]["status"]) == ("refunded", "refunded")
    assert after["refunds"][0]["refund_id"] == received.json()["refund_id"]
    sent = await neighbours.pool.fetch(
        "SELECT 1 FROM log WHERE type = 'offer.receive_stock' AND key = $1", UUID(order["checkout_id"])
    )
    assert len(sent) == 1
