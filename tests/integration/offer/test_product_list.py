"""Lists and searches of products, over HTTP on the table that the service keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.offer.conftest import caller
from tests.integration.offer.products import product_body
from tests.support.single_service import RunningService
from tests.support.waiting import until

PRODUCTS: Mapping[str, Mapping[str, Any]] = {
    "mug": {
        "name": "Café crème mug",
        "category": "kitchen",
        "collections": ["spring", "blue"],
        "prices": [{"amount": 900, "currency": "EUR"}, {"amount": 500, "currency": "EUR", "segment": "vip"}],
    },
    "kettle": {
        "name": "Electric kettle",
        "category": "kitchen",
        "vendor_id": "acme",
        "prices": [{"amount": 4900, "currency": "EUR"}],
    },
    "course": {
        "name": "Course about coffee",
        "type": "course",
        "collections": ["spring"],
        "prices": [{"amount": 1900, "currency": "EUR"}],
    },
    "shirt": {
        "name": "Shirt",
        "options": {"size": ["S", "M"]},
        "category": "wear",
        "prices": [{"amount": 2500, "currency": "EUR"}],
    },
}


class Shop:
    def __init__(self, admin: httpx.AsyncClient, brand: str) -> None:
        self.admin = admin
        self.brand = brand
        self.ids: dict[str, str] = {}

    async def add(self, alias: str, **fields: Any) -> None:
        body = product_body(**{"brand": self.brand, **fields})
        created = await self.admin.post("/v1/products", json=body)
        assert created.status_code == 201, created.text
        self.ids[alias] = created.json()["product_id"]

    async def found(self, client: httpx.AsyncClient | None = None, **query: Any) -> list[str]:
        names = {product_id: name for name, product_id in self.ids.items()}
        items: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = await (client or self.admin).get(
                "/v1/products", params={"brand": self.brand, **query, **cursor}
            )
            assert page.status_code == 200, page.text
            items += [names[it["product_id"]] for it in page.json()["items"]]
            if (following := page.json()["next_cursor"]) is None:
                return items
            cursor = {"cursor": following}


@pytest.fixture(scope="module")
async def shop(replicas: list[RunningService]) -> AsyncIterator[Shop]:
    """For tests that change nothing that the others search by."""
    async with caller(replicas[0], "demo-admin") as admin:
        yield await _shop(admin)


async def _shop(admin: httpx.AsyncClient) -> Shop:
    made = Shop(admin, f"brand {uuid4()}")
    for name, fields in PRODUCTS.items():
        await made.add(name, **fields)
    shirt = {"variant_of": made.ids["shirt"], "options": {"size": "M"}, "prices": [], "brand": made.brand}
    await made.add("medium", name="Shirt M", **shirt)
    await until(lambda: _has(made, 5))
    return made


async def _has(shop: Shop, count: int) -> bool:
    return len(await shop.found()) == count


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["mug", "kettle", "course", "shirt", "medium"]),
        ({"sort": "-created", "limit": 2}, ["medium", "shirt", "course", "kettle", "mug"]),
        ({"sort": "name", "limit": 2}, ["mug", "course", "kettle", "shirt", "medium"]),
        ({"sort": "-name", "limit": 1}, ["medium", "shirt", "kettle", "course", "mug"]),
        ({"sort": "price", "currency": "EUR", "limit": 2}, ["mug", "course", "shirt", "medium", "kettle"]),
        ({"sort": "-price", "currency": "EUR", "limit": 2}, ["kettle", "shirt", "medium", "course", "mug"]),
        ({"q": "CAFE cre"}, ["mug"]),
        ({"q": "co"}, ["course"]),
        ({"q": "kitch"}, ["mug", "kettle"]),
        ({"q": "afe"}, []),
        ({"category": ["kitchen", "wear"]}, ["mug", "kettle", "shirt", "medium"]),
        ({"collection": ["blue", "spring"], "type": "course"}, ["course"]),
        ({"vendor_id": "acme"}, ["kettle"]),
        ({"currency": "USD"}, []),
        ({"currency": "EUR", "price_min": 1900, "price_max": 2500}, ["course", "shirt", "medium"]),
        ({"status": "active"}, []),
    ],
)
async def test_products_are_found_and_sorted(shop: Shop, query: dict[str, Any], names: list[str]) -> None:
    assert await shop.found(**query) == names


async def test_a_search_by_ids_sku_or_parent_finds_those(shop: Shop) -> None:
    mug = (await shop.admin.get(f"/v1/products/{shop.ids['mug']}")).json()
    both = [shop.ids["mug"], shop.ids["course"]]
    assert await shop.found(ids=both, sort="-created", limit=1) == ["course", "mug"]
    assert await shop.found(ids=both, collection="blue") == ["mug"]
    assert await shop.found(sku=[mug["sku"].lower(), "no such sku"]) == ["mug"]
    assert await shop.found(sku=mug["sku"], ids=shop.ids["course"]) == []
    assert await shop.found(variant_of=shop.ids["shirt"]) == ["medium"]


async def test_a_changed_parent_changes_what_its_variants_are_found_by(admin: httpx.AsyncClient) -> None:
    shop = await _shop(admin)
    change = {"prices": [{"amount": 100, "currency": "CHF"}], "category": "sale"}
    assert (await shop.admin.patch(f"/v1/products/{shop.ids['shirt']}", json=change)).status_code == 200
    await until(lambda: _finds(shop, ["shirt", "medium"], currency="CHF", q="sale"))
    assert await shop.found(category="wear") == []


async def _finds(shop: Shop, names: list[str], **query: Any) -> bool:
    return await shop.found(**query) == names


async def test_a_storefront_sees_active_products_alone_in_lists(
    admin: httpx.AsyncClient, replicas: list[RunningService]
) -> None:
    shop = await _shop(admin)
    assert (await shop.admin.post(f"/v1/products/{shop.ids['mug']}/activate")).status_code == 200
    async with caller(replicas[1], "demo-storefront") as storefront:
        await until(lambda: _sees(shop, storefront, ["mug"]))
        assert await shop.found(storefront, ids=[shop.ids["mug"], shop.ids["kettle"]]) == ["mug"]
        assert (await storefront.get(f"/v1/products/{shop.ids['kettle']}")).status_code == 200
        listed = (await storefront.get("/v1/products?limit=100")).json()["items"]
        assert {it["status"] for it in listed} == {"active"}


async def _sees(shop: Shop, client: httpx.AsyncClient, names: list[str]) -> bool:
    return await shop.found(client) == names


async def test_a_tenant_finds_its_own_products_alone(shop: Shop, replicas: list[RunningService]) -> None:
    async with caller(replicas[0], "rival-admin") as rival:
        assert await shop.found(rival) == []
        assert await shop.found(rival, ids=list(shop.ids.values())) == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"price_min": 1}, "#/currency"),
        ({"sort": "price"}, "#/currency"),
        ({"sort": "colour"}, "#/sort"),
        ({"ids": "mug"}, "#/ids/0"),
        ({"q": ["a", "b"]}, "#/q"),
    ],
)
async def test_a_search_that_means_nothing_is_refused(
    admin: httpx.AsyncClient, query: dict[str, Any], pointer: str
) -> None:
    refused = await admin.get("/v1/products", params=query)
    assert (refused.status_code, refused.json()["code"]) == (422, "INVALID_REQUEST"), refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_a_cursor_of_another_order_is_refused(shop: Shop) -> None:
    page = (await shop.admin.get("/v1/products", params={"brand": shop.brand, "limit": 1})).json()
    query = {"brand": shop.brand, "sort": "name", "cursor": page["next_cursor"]}
    refused = await shop.admin.get("/v1/products", params=query)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/cursor")
