"""The offer service over HTTP: roles, uniqueness, idempotency, versions, validation."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from tests.integration.offer.conftest import caller
from tests.integration.offer.products import on_sale, product_body, stock
from tests.support.single_service import RunningService


async def test_of_many_products_with_one_sku_at_once_one_is_created(
    replicas: list[RunningService],
) -> None:
    product = product_body()
    async with caller(replicas[0], "demo-admin") as one, caller(replicas[1], "demo-admin") as other:
        answers = await asyncio.gather(
            *((one, other)[it % 2].post("/v1/products", json=product) for it in range(20))
        )
    assert Counter(it.status_code for it in answers) == {201: 1, 409: 19}
    assert {it.json()["code"] for it in answers if it.status_code == 409} == {"SKU_EXISTS"}


async def test_two_tenants_may_have_the_same_sku_and_do_not_see_each_other(
    replicas: list[RunningService],
) -> None:
    product = product_body()
    async with caller(replicas[0], "demo-admin") as demo, caller(replicas[1], "rival-admin") as rival:
        ours = (await demo.post("/v1/products", json=product)).json()["product_id"]
        theirs = (await rival.post("/v1/products", json=product)).json()["product_id"]
        for path in (ours, f"{ours}/stock"):
            missing = await rival.get(f"/v1/products/{path}")
            assert (missing.status_code, missing.json()["code"]) == (404, "PRODUCT_NOT_FOUND")
        page = (await rival.get("/v1/products?limit=100")).json()
        assert theirs in {it["product_id"] for it in page["items"]}
        assert ours not in {it["product_id"] for it in page["items"]}


async def test_a_receipt_sent_twice_with_one_idempotency_key_counts_once(admin: httpx.AsyncClient) -> None:
    product_id = await on_sale(admin, 5)
    path, key = f"/v1/products/{product_id}/stock/receipts", {"Idempotency-Key": str(uuid4())}
    first = await admin.post(path, json={"quantity": 10}, headers=key)
    again = await admin.post(path, json={"quantity": 10}, headers=key)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    assert (await stock(admin, product_id))["on_hand"] == 15


async def test_a_count_with_a_stale_version_is_refused(admin: httpx.AsyncClient) -> None:
    product_id = await on_sale(admin, 5)
    path = f"/v1/products/{product_id}/stock"
    seen = (await admin.get(path)).headers["ETag"]
    assert (await admin.put(path, json={"on_hand": 6}, headers={"If-Match": seen})).status_code == 200
    late = await admin.put(path, json={"on_hand": 7}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["code"]) == (412, "VERSION_CONFLICT")


async def test_a_tax_rate_with_a_stale_version_of_all_rates_is_refused(admin: httpx.AsyncClient) -> None:
    rate = {"country": "AD", "rate": 4.5, "inclusive": True, "name": "IGI"}
    seen = (await admin.post("/v1/tax-rates", json=rate)).headers["ETag"]
    current = {**rate, "tax_category": "books"}
    assert (await admin.post("/v1/tax-rates", json=current, headers={"If-Match": seen})).status_code == 201
    late = await admin.post("/v1/tax-rates", json={**rate, "rate": 9.5}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["code"]) == (412, "VERSION_CONFLICT")


async def test_a_product_without_a_stock_record_is_shown_as_unlimited(admin: httpx.AsyncClient) -> None:
    shown = await stock(admin, await on_sale(admin))
    assert (shown["on_hand"], shown["reserved"], shown["available"]) == (None, 0, None)


@pytest.mark.parametrize(
    ("role", "reads", "writes", "quotes"),
    [
        ("storefront", 200, 403, 403),
        ("service", 200, 403, 200),
        ("admin", 200, 200, 200),
        ("ops", 200, 403, 403),
        ("analyst", 403, 403, 403),
    ],
)
async def test_each_role_has_exactly_its_rights(
    replicas: list[RunningService],
    admin: httpx.AsyncClient,
    role: str,
    reads: int,
    writes: int,
    quotes: int,
) -> None:
    product_id = await on_sale(admin, 1)
    quote = {"currency": "USD", "lines": [{"product_id": str(product_id), "quantity": 1}]}
    async with caller(replicas[0], f"demo-{role}") as client:
        for path in ("products", f"products/{product_id}", f"products/{product_id}/stock"):
            assert (await client.get(f"/v1/{path}")).status_code == reads
        change = await client.patch(f"/v1/products/{product_id}", json={"brand": "ours"})
        assert change.status_code == writes
        assert (await client.post("/v1/quotes", json=quote)).status_code == quotes


async def test_a_list_in_pages_has_no_gaps(replicas: list[RunningService]) -> None:
    async with caller(replicas[0], "rival-admin") as rival:
        codes = [f"PAGE-{it}-{uuid4()}" for it in range(5)]
        for code in codes:
            promotion = {"code": code, "kind": "percentage", "value": 5, "stacking": {"mode": "best_of"}}
            assert (await rival.post("/v1/promotions", json=promotion)).status_code == 201
        seen: list[str] = []
        query = "limit=2"
        while True:
            page = (await rival.get(f"/v1/promotions?{query}")).json()
            seen += [it["code"] for it in page["items"]]
            if page["next_cursor"] is None:
                break
            query = f"limit=2&cursor={page['next_cursor']}"
    assert [it for it in seen if it in codes] == codes


async def test_a_quote_shows_every_amount_with_its_derivation(admin: httpx.AsyncClient) -> None:
    product_id, code = await on_sale(admin), f"TEN-{uuid4()}"
    promotion = {"code": code, "kind": "percentage", "value": 12.5, "stacking": {"mode": "stackable"}}
    assert (await admin.post("/v1/promotions", json=promotion)).json()["value"] == 12.5
    rate = {"country": "PT", "rate": 23, "inclusive": True, "name": "IVA"}
    assert (await admin.post("/v1/tax-rates", json=rate)).status_code == 201
    quote = await admin.post(
        "/v1/quotes",
        json={
            "currency": "USD",
            "lines": [{"product_id": str(product_id), "quantity": 2}],
            "codes": [code.lower(), "unknown-code"],
            "destination": {"country": "PT"},
        },
    )
    body = quote.json()
    assert quote.status_code == 200, quote.text
    assert {name: it["amount"] for name, it in body["totals"].items()} == {
        "subtotal": 3998,
        "discount": 500,
        "shipping": 0,
        "tax": 654,
        "total": 3498,
    }
    assert body["rejected"] == [{"code": "unknown-code", "promotion_id": None, "reason": "unknown"}]
    assert body["derivation"]["amount"] == body["totals"]["total"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"prices": [{"amount": 19.99, "currency": "USD"}]}, "#/prices/0/amount"),
        ({"prices": [{"amount": -1, "currency": "USD"}]}, "#/prices/0/amount"),
        ({"prices": [{"amount": 1, "currency": "XTS"}]}, "#/prices/0/currency"),
        ({"type": "spaceship"}, "#/type"),
        ({"metadata": {"note": "x" * 17_000}}, "#/metadata"),
        ({"price": 5}, "#/price"),
    ],
)
async def test_a_refused_product_names_the_field_at_fault(
    admin: httpx.AsyncClient, change: dict[str, object], pointer: str
) -> None:
    refused = await admin.post("/v1/products", json=product_body(**change))
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST")
    assert refused.json()["errors"][0]["pointer"] == pointer
