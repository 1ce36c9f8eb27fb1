"""Concurrent requests: one effect per idempotency key, one order per cart, no more uses of a code than its
limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.shop_client import Json, Shop

T = TypeVar("T")

MANY = 64
REFUSALS_OF_OTHER_CHECKOUTS = {"CHECKOUT_IN_PROGRESS", "CART_NOT_ACTIVE"}


def run_concurrently(calls: Iterable[Callable[[], T]]) -> list[T]:
    with ThreadPoolExecutor(MANY) as threads:
        return [future.result() for future in [threads.submit(call) for call in calls]]


def only_response(responses: list[httpx.Response]) -> Json:
    """The body of all successful responses; the others were refused while the first request was running."""
    successes = [it for it in responses if it.is_success]
    assert {it.json()["code"] for it in responses if not it.is_success} <= {"REQUEST_IN_PROGRESS"}
    assert len({it.content for it in successes}) == 1
    assert sum("idempotent-replayed" not in it.headers for it in successes) == 1
    body: Json = successes[0].json()
    return body


def test_one_key_creates_one_cart_one_item_and_one_product(shop: Shop) -> None:
    session = uuid4().hex

    def send(service: str, path: str, body: Json, role: str) -> Json:
        key = uuid4().hex
        return only_response(
            run_concurrently(
                [lambda: shop.call("POST", service, path, role, body, Idempotency_Key=key)] * MANY
            )
        )

    cart = send("cart", "/v1/carts", {"session_id": session, "currency": "USD"}, "storefront")
    assert cart["version"] == 1
    item = {"product_id": shop.sold(500)["product_id"], "quantity": 1}
    filled = send("cart", f"/v1/carts/{cart['cart_id']}/items", item, "storefront")
    assert (filled["version"], [it["quantity"] for it in filled["items"]]) == (2, [1])
    assert shop.get("cart", f"/v1/carts/{cart['cart_id']}")["version"] == 2
    product = send(
        "offer",
        "/v1/products",
        {
            "sku": session,
            "name": "A thing",
            "type": "physical_product",
            "prices": [{"amount": 1, "currency": "USD"}],
        },
        "admin",
    )
    assert product["version"] == 1


def test_one_key_starts_one_checkout_and_charges_once(shop: Shop) -> None:
    cart, key = shop.cart((shop.product(700), 1)), uuid4().hex
    started = only_response(run_concurrently([lambda: shop.try_checkout(cart, Idempotency_Key=key)] * MANY))
    checkout = shop.settled(started["checkout_id"])
    assert checkout["status"] == "completed"
    assert shop.ledger(checkout) == [("authorize", "authorized", 700), ("capture", "captured", 700)]


def test_concurrent_checkouts_of_one_cart_make_one_order(shop: Shop) -> None:
    product = shop.product(800, on_hand=MANY)
    cart = shop.cart((product, 1))
    responses = run_concurrently([lambda: shop.try_checkout(cart)] * MANY)
    ends = [shop.settled(it.json()["checkout_id"]) for it in responses if it.is_success]
    (completed,) = [it for it in ends if it["status"] == "completed"]
    codes = {it.json()["code"] for it in responses if not it.is_success}
    codes |= {it["failure"]["code"] for it in ends if it is not completed}
    assert codes <= REFUSALS_OF_OTHER_CHECKOUTS
    assert shop.stock(product) == (MANY - 1, 0)
    orders = shop.get(
        "checkout-saga", f"/v1/orders?customer_id={completed['customer_id']}&limit=100", "admin"
    )
    assert [it["order_id"] for it in orders["items"] if it["cart_id"] == cart["cart_id"]] == [
        completed["order_id"]
    ]
    charged = [it for checkout in ends for it in shop.ledger(checkout)]
    assert charged == [("authorize", "authorized", 800), ("capture", "captured", 800)]


@pytest.mark.timeout(300)
def test_a_code_is_used_up_to_its_limit_and_a_released_use_can_be_reserved_again(shop: Shop) -> None:
    limit, cancelled = 10, 5
    product, code = shop.product(1000), shop.code(20, total=limit)
    carts = run_concurrently([lambda: shop.cart((product, 1), code=code)] * MANY)
    ends = run_concurrently([partial(shop.buy, cart, "tok_action") for cart in carts])
    reserved = [it for it in ends if it["status"] == "requires_action"]
    refused = [it for it in ends if it not in reserved]
    assert len(reserved) == limit
    assert Counter((it["status"], it["failure"]["code"]) for it in refused) == {
        ("failed", "PROMOTION_LIMIT_REACHED"): MANY - limit
    }
    for number, checkout in enumerate(reserved):
        action = "cancel" if number < cancelled else "confirm-action"
        shop.post("checkout-saga", f"/v1/checkouts/{checkout['checkout_id']}/{action}")
    settled = [shop.settled(it["checkout_id"])["status"] for it in reserved]
    assert settled == ["failed"] * cancelled + ["completed"] * (limit - cancelled)

    *others, last = [{"cart_id": it["cart_id"]} for it in refused[: cancelled + 1]]
    assert [shop.buy(it)["status"] for it in others] == ["completed"] * cancelled
    # the lock refuses the code if the cart's projection has all uses as redeemed; otherwise the
    # reservation refuses it
    body = shop.try_checkout(last).json()
    refusal = body if "code" in body else shop.settled(body["checkout_id"])["failure"]
    assert refusal["code"] in {"INVALID_DISCOUNT_CODE", "PROMOTION_LIMIT_REACHED"}
