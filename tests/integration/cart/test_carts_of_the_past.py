"""A cart as it was, with the prices of then, and its history in words."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.cart.kafka_client import KafkaClient
from tests.integration.cart.test_carts_over_http import change_price, money, new_cart, new_code, on_sale
from tests.support.waiting import until


async def total_of(caller: httpx.AsyncClient, cart_id: str, **asked: Any) -> int:
    found = await caller.get(f"/v1/carts/{cart_id}", params=asked)
    assert found.status_code == 200, found.text
    amount: int = found.json()["totals"]["total"]["amount"]
    return amount


async def history_of(caller: httpx.AsyncClient, cart_id: str, **asked: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = await caller.get(
            f"/v1/carts/{cart_id}/history", params=asked | ({"cursor": cursor} if cursor else {})
        )
        assert page.status_code == 200, page.text
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return items


@pytest.fixture
async def changed_cart(kafka: KafkaClient, shop: httpx.AsyncClient) -> str:
    """Two mugs at 10.00, a code of 10 %, and then a price of 12.00."""
    mug = await on_sale(kafka, 1000)
    code = f"PAST-{uuid4().hex[:8]}"
    await new_code(kafka, code)
    scout = (await new_cart(shop))["cart_id"]  # its answer waits until the service knows the code
    assert (await shop.post(f"/v1/carts/{scout}/discounts", json={"code": code})).status_code == 200
    cart_id: str = (await new_cart(shop))["cart_id"]
    added = await shop.post(f"/v1/carts/{cart_id}/items", json={"product_id": str(mug), "quantity": 2})
    assert added.status_code == 200, added.text
    applied = await shop.post(f"/v1/carts/{cart_id}/discounts", json={"code": code})
    assert applied.status_code == 200, applied.text
    await change_price(kafka, mug, 1200)

    async def is_recorded() -> bool:
        return bool((await shop.get(f"/v1/carts/{cart_id}")).json()["version"] == 4)

    await until(is_recorded, 20)
    return cart_id


async def test_a_cart_is_shown_as_it_was_at_each_version_with_the_prices_of_then(
    changed_cart: str, shop: httpx.AsyncClient
) -> None:
    totals = [await total_of(shop, changed_cart, version=version) for version in (1, 2, 3, 4)]
    assert totals == [0, 2000, 1800, 2160]
    assert await total_of(shop, changed_cart) == 2160


async def test_a_cart_is_shown_as_it_was_at_a_moment(changed_cart: str, shop: httpx.AsyncClient) -> None:
    entries = await history_of(shop, changed_cart)
    totals = [await total_of(shop, changed_cart, at=it["at"]) for it in entries]
    assert totals == [0, 2000, 1800, 2160]


async def test_the_history_tells_each_change_with_the_totals_before_and_after(
    changed_cart: str, shop: httpx.AsyncClient
) -> None:
    entries = await history_of(shop, changed_cart, limit=3)
    assert [(it["version"], it["type"]) for it in entries] == [
        (1, "cart.created"),
        (2, "cart.item_added"),
        (3, "cart.discount_applied"),
        (4, "cart.repriced"),
    ]
    assert [it["total_before"] for it in entries] == [None, money(0), money(2000), money(1800)]
    assert [it["total_after"] for it in entries] == [money(it) for it in (0, 2000, 1800, 2160)]
    assert entries[1]["summary"] == "2 × Mug added at 10.00 USD"
    assert entries[3]["summary"] == "Price changed (catalogue): Mug from 10.00 USD to 12.00 USD"
    assert entries[1]["actor"].startswith("storefront")
    assert entries[3]["actor"] == "/feira/cart"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"version": 9}, 404, "CART_NOT_FOUND"),
        ({"at": "2020-01-01T00:00:00Z"}, 404, "CART_NOT_FOUND"),
        ({"version": 1, "at": "2026-01-01T00:00:00Z"}, 422, "INVALID_REQUEST"),
        ({"version": 0}, 422, "INVALID_REQUEST"),
        ({"at": "yesterday"}, 422, "INVALID_REQUEST"),
    ],
)
async def test_a_time_at_which_there_was_no_cart_is_refused(
    changed_cart: str, shop: httpx.AsyncClient, asked: dict[str, Any], status: int, code: str
) -> None:
    refused = await shop.get(f"/v1/carts/{changed_cart}", params=asked)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


async def test_another_tenants_cart_has_no_past(changed_cart: str, rival: httpx.AsyncClient) -> None:
    for path in (f"/v1/carts/{changed_cart}/history", f"/v1/carts/{changed_cart}?version=1"):
        refused = await rival.get(path)
        assert (refused.status_code, refused.json()["code"]) == (404, "CART_NOT_FOUND")
