"""Products over HTTP: variants, pricing models, media, and the seats of courses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.offer.products import on_sale, product_body, stock

SIZES = {"size": ["S", "M"]}
DYNAMIC = {
    "rules": [
        {"when": {"segments": ["vip"]}, "percent": -10},
        {"when": {"days": [6, 7]}, "percent": 12.5},
        {"when": {"from_time": "22:00", "to_time": "24:00"}, "amount": -150},
    ],
    "ceiling": {"USD": 2200},
}


async def test_a_variant_needs_no_type_and_no_prices_and_its_parent_lists_it(
    admin: httpx.AsyncClient,
) -> None:
    shirt = await on_sale(admin, options=SIZES)
    variant = product_body(variant_of=str(shirt), options={"size": "M"})
    del variant["type"], variant["prices"]
    created = await admin.post("/v1/products", json=variant)
    assert created.status_code == 201, created.text
    body = created.json()
    assert (body["type"], body["prices"], body["variants"]) == ("physical_product", [], [])
    assert (await admin.post(f"/v1/products/{body['product_id']}/activate")).status_code == 200
    shown = (await admin.get(f"/v1/products/{shirt}")).json()
    assert shown["variants"] == [
        {
            "product_id": body["product_id"],
            "sku": body["sku"],
            "options": {"size": "M"},
            "status": "active",
        }
    ]
    again = await admin.post("/v1/products", json={**variant, "sku": f"{variant['sku']}-2"})
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (422, "#/options")


async def test_what_a_product_has_is_shown_as_it_was_sent(admin: httpx.AsyncClient) -> None:
    fields: dict[str, Any] = {
        "description": "Blue stoneware.\nHolds 0.3 l.",
        "media": [{"url": "https://cdn.example.com/mug.jpg", "kind": "image", "alt": "A mug", "position": 1}],
        "pricing_model": "dynamic",
        "dynamic": DYNAMIC,
        "tiers": [{"min_quantity": 10, "currency": "USD", "amount": 900, "region": "BR", "segment": "vip"}],
        "shipping_class": "bulky",
    }
    created = await admin.post("/v1/products", json=product_body(**fields))
    assert created.status_code == 201, created.text
    body = (await admin.get(f"/v1/products/{created.json()['product_id']}")).json()
    assert {name: body[name] for name in fields if name != "dynamic"} == {
        name: it for name, it in fields.items() if name != "dynamic"
    }
    assert [it["percent"] for it in body["dynamic"]["rules"]] == [-10, 12.5, None]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"tiers": [{"min_quantity": 1, "currency": "USD", "amount": 1}]}, "#/tiers/0/min_quantity"),
        ({"tiers": [{"min_quantity": 2, "currency": "XTS", "amount": 1}]}, "#/tiers/0/currency"),
        ({"dynamic": DYNAMIC}, "#/dynamic"),
        ({"media": [{"url": "x", "kind": "song"}]}, "#/media/0/kind"),
        ({"type": "bundle", "course_ids": ["one"]}, "#/course_ids"),
        ({"variant_of": "019a2b3c-0002-7000-8000-000000000002"}, "#/variant_of"),
        ({"type": None}, "#/type"),
        ({"asset": "a.pdf"}, "#/asset"),
        ({"type": "digital_product", "asset": "../a.pdf"}, "#/asset"),
        ({"type": "digital_product", "asset": "books/../../rival/a.pdf"}, "#/asset"),
        ({"type": "digital_product", "asset": "/rival/a.pdf"}, "#/asset"),
    ],
)
async def test_a_rule_of_the_catalogue_names_the_field_that_breaks_it(
    admin: httpx.AsyncClient, change: dict[str, object], pointer: str
) -> None:
    refused = await admin.post("/v1/products", json=product_body(**change))
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST"), refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_product_without_a_price_cannot_be_sold(admin: httpx.AsyncClient) -> None:
    created = await admin.post("/v1/products", json=product_body(prices=[]))
    refused = await admin.post(f"/v1/products/{created.json()['product_id']}/activate")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/prices")


async def test_the_seats_of_a_course_are_its_stock(admin: httpx.AsyncClient) -> None:
    course = await on_sale(admin, type="course", enrollment_limit=30)
    assert (await stock(admin, course))["on_hand"] == 30
    assert (await admin.patch(f"/v1/products/{course}", json={"enrollment_limit": 40})).status_code == 200
    assert (await stock(admin, course))["on_hand"] == 40
