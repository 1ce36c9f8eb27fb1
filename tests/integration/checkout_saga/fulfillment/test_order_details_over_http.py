"""What an order shows, to whom, and by what orders and their belongings are found."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.sale import LineFulfillment
from tests.integration.checkout_saga.fulfillment.buying import bought, sold
from tests.integration.checkout_saga.neighbours import Neighbours
from tests.support.waiting import until

ADDRESS = {"line1": "Rua Augusta 1", "postal_code": "1100-053", "city": "Lisboa", "country": "PT"}
PERSONAL = {"customer", "billing_address", "shipping_address", "instrument"}
LISTS = ("certifications", "downloads", "licenses", "returns", "shipments")


@pytest.fixture
def ana() -> str:
    return f"ana-{uuid4()}"


@pytest.fixture
async def order(
    ana: str, shop: httpx.AsyncClient, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """With one line of each kind that leaves something behind."""
    kinds = "physical_product", "team_license", "certification", "digital_product"
    sale = sold(*((it, uuid4()) for it in kinds))
    asset = LineFulfillment(asset="a.pdf")
    lines = [
        it.model_copy(update={"fulfillment": asset}) if it.product_type == "digital_product" else it
        for it in sale.lines
    ]
    buyer = {"id": ana, "email": f"{uuid4().hex}@example.com", "name": "Ana"}
    return await bought(
        sale.model_copy(update={"lines": tuple(lines)}),
        shop,
        neighbours,
        monkeypatch,
        customer=buyer,
        shipping_address=ADDRESS,
        billing_address=ADDRESS | {"name": "Ana Lda"},
    )


async def test_who_has_bought_is_for_the_shop_alone_and_in_no_stored_answer(
    order: dict[str, Any], ana: str, admin: httpx.AsyncClient, ops: httpx.AsyncClient
) -> None:
    assert not PERSONAL & order.keys()
    path = f"/v1/orders/{order['order_id']}"
    assert not PERSONAL & (await ops.get(path)).json().keys()
    shown = (await admin.get(path)).json()
    assert shown["customer"]["name"] == "Ana" and shown["customer"]["email"].endswith("@example.com")
    assert shown["shipping_address"] | ADDRESS == shown["shipping_address"]
    assert shown["billing_address"]["name"] == "Ana Lda"
    assert shown["instrument"] is None

    line_id = order["lines"][0]["line_id"]
    wanted = {"lines": [{"line_id": line_id, "quantity": 1}], "reason": "late"}
    answer = await admin.post(f"{path}/refunds", json=wanted, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 202 and not PERSONAL & answer.json().keys()

    async def is_refunded() -> bool:
        return bool((await admin.get(path)).json()["refunds"][0]["status"] == "refunded")

    await until(is_refunded)
    erased = await admin.post(f"/v1/customers/{ana}/erase", json={"reason": "asked"})
    assert erased.status_code == 200, erased.text
    after = (await admin.get(path)).json()
    assert [after[it] for it in sorted(PERSONAL)] == [None] * 4


async def test_an_order_shows_its_returns_and_shipments(
    order: dict[str, Any], shop: httpx.AsyncClient
) -> None:
    path, line_id = f"/v1/orders/{order['order_id']}", order["lines"][0]["line_id"]
    units = {"lines": [{"line_id": line_id, "quantity": 1, "reason_code": "defective"}]}
    asked = await shop.post(f"{path}/returns", json=units)
    assert asked.status_code == 201, asked.text
    shown = (await shop.get(path)).json()
    assert [it["return_id"] for it in shown["returns"]] == [asked.json()["return_id"]]
    assert [it["status"] for it in shown["shipments"]] == ["dispatched"]


async def test_what_belongs_to_orders_is_listed_by_order_and_by_customer(
    order: dict[str, Any],
    ana: str,
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    rival: httpx.AsyncClient,
) -> None:
    line_id = order["lines"][0]["line_id"]
    units = {"lines": [{"line_id": line_id, "quantity": 1, "reason_code": "defective"}]}
    assert (await shop.post(f"/v1/orders/{order['order_id']}/returns", json=units)).status_code == 201
    for name in LISTS:
        path = f"/v1/{name}"
        by_order = await admin.get(path, params={"order_id": order["order_id"]})
        by_customer = await admin.get(path, params={"customer_id": ana})
        assert len(by_order.json()["items"]) == 1, name
        assert by_customer.json() == by_order.json(), name
        assert (await rival.get(path, params={"customer_id": ana})).json()["items"] == [], name
        for wrong in ({}, {"order_id": order["order_id"], "customer_id": ana}):
            refused = await admin.get(path, params=wrong)
            assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST"), name


async def test_a_customers_list_goes_on_over_orders(
    ana: str,
    shop: httpx.AsyncClient,
    admin: httpx.AsyncClient,
    neighbours: Neighbours,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = []
    for _ in range(3):
        buyer = {"id": ana, "email": f"{uuid4().hex}@example.com"}
        sale = sold(("certification", uuid4()))
        one = await bought(sale, shop, neighbours, monkeypatch, customer=buyer)
        wanted.append(one["order_id"])
    seen, query = [], {"customer_id": ana, "limit": "2"}
    while True:
        page = (await admin.get("/v1/certifications", params=query)).json()
        seen += [it["order_id"] for it in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == wanted


async def test_orders_are_found_by_number_and_by_status(
    order: dict[str, Any], ana: str, admin: httpx.AsyncClient, rival: httpx.AsyncClient
) -> None:
    async def found(client: httpx.AsyncClient, **query: str) -> list[str]:
        answer = await client.get("/v1/orders", params=query)
        assert answer.status_code == 200, answer.text
        return [it["order_id"] for it in answer.json()["items"]]

    async def by_number() -> bool:
        return await found(admin, number=order["number"]) == [order["order_id"]]

    await until(by_number)
    assert await found(rival, number=order["number"]) == []
    assert await found(admin, customer_id=ana) == [order["order_id"]]
    cancelled = await admin.post(f"/v1/orders/{order['order_id']}/cancel", json={"reason": "changed my mind"})
    assert cancelled.status_code == 200, cancelled.text

    async def all_of(status: str) -> list[str]:
        ids, query = [], {"status": status, "limit": "3"}
        while True:
            page = (await admin.get("/v1/orders", params=query)).json()
            assert {it["status"] for it in page["items"]} <= {status}
            ids += [it["order_id"] for it in page["items"]]
            if page["next_cursor"] is None:
                return ids
            query["cursor"] = page["next_cursor"]

    async def by_status() -> bool:
        return order["order_id"] in await all_of("cancelled")

    await until(by_status)
    assert order["order_id"] not in await all_of("fulfilled")


@pytest.mark.parametrize(
    "query",
    [{}, {"number": "F-1", "status": "paid"}, {"status": "lost"}],
    ids=["none", "two", "no status"],
)
async def test_orders_are_listed_by_one_of_the_filters(
    admin: httpx.AsyncClient, query: dict[str, str]
) -> None:
    refused = await admin.get("/v1/orders", params=query)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
