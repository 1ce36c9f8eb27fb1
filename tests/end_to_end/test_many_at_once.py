"""Many who want the same in one moment: one effect per key, one order per cart, ten uses of ten."""

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
REFUSED_TWICE = {"CHECKOUT_IN_PROGRESS", "CART_NOT_ACTIVE"}


def at_once(acts: Iterable[Callable[[], T]]) -> list[T]:
    with ThreadPoolExecutor(MANY) as threads:
        return [it.result() for it in [threads.submit(act) for act in acts]]


def one_answer(answers: list[httpx.Response]) -> Json:
    """What all were told who were told anything: the others came while the first was under way."""
    done = [it for it in answers if it.is_success]
    assert {it.json()["code"] for it in answers if not it.is_success} <= {"REQUEST_IN_PROGRESS"}
    assert len({it.content for it in done}) == 1
    assert sum("idempotent-replayed" not in it.headers for it in done) == 1
    found: Json = done[0].json()
    return found


def test_one_key_makes_one_cart_and_one_item_and_one_product(shop: Shop) -> None:
    session = uuid4().hex

    def send(service: str, path: str, body: Json, role: str) -> Json:
        key = uuid4().hex
        return one_answer(
            at_once([lambda: shop.call("POST", service, path, role, body, Idempotency_Key=key)] * MANY)
        )

    cart = send("cart", "/v1/carts", {"session_id": session, "currency": "USD"}, "storefront")
    assert cart["version"] == 1
    item = {"product_id": shop.product(500)["product_id"], "quantity": 1}
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


def test_one_key_makes_one_checkout_and_charges_once(shop: Shop) -> None:
    cart, key = shop.cart((shop.product(700), 1)), uuid4().hex
    begun = one_answer(at_once([lambda: shop.try_checkout(cart, Idempotency_Key=key)] * MANY))
    checkout = shop.settled(begun["checkout_id"])
    assert checkout["status"] == "completed"
    assert shop.ledger(checkout) == [("authorize", "authorized", 700), ("capture", "captured", 700)]


def test_many_checkouts_of_one_cart_make_one_order(shop: Shop) -> None:
    product = shop.product(800, on_hand=MANY)
    cart = shop.cart((product, 1))
    answers = at_once([lambda: shop.try_checkout(cart)] * MANY)
    ends = [shop.settled(it.json()["checkout_id"]) for it in answers if it.is_success]
    (sold,) = [it for it in ends if it["status"] == "completed"]
    told = {it.json()["code"] for it in answers if not it.is_success}
    told |= {it["failure"]["code"] for it in ends if it is not sold}
    assert told <= REFUSED_TWICE
    assert shop.stock(product) == (MANY - 1, 0)
    orders = shop.get("checkout-saga", f"/v1/orders?customer_id={sold['customer_id']}&limit=100", "admin")
    assert [it["order_id"] for it in orders["items"] if it["cart_id"] == cart["cart_id"]] == [
        sold["order_id"]
    ]
    charged = [it for checkout in ends for it in shop.ledger(checkout)]
    assert charged == [("authorize", "authorized", 800), ("capture", "captured", 800)]


@pytest.mark.timeout(300)
def test_ten_uses_of_a_code_are_ten_and_what_is_given_back_can_be_used_by_others(shop: Shop) -> None:
    limit, cancelled = 10, 5
    product, code = shop.product(1000), shop.code(20, total=limit)
    carts = at_once([lambda: shop.cart((product, 1), code=code)] * MANY)
    ends = at_once([partial(shop.buy, cart, "tok_action") for cart in carts])
    holding = [it for it in ends if it["status"] == "requires_action"]
    refused = [it for it in ends if it not in holding]
    assert len(holding) == limit
    assert Counter((it["status"], it["failure"]["code"]) for it in refused) == {
        ("failed", "PROMOTION_LIMIT_REACHED"): MANY - limit
    }
    for number, it in enumerate(holding):
        button = "cancel" if number < cancelled else "confirm-action"
        shop.post("checkout-saga", f"/v1/checkouts/{it['checkout_id']}/{button}")
    settled = [shop.settled(it["checkout_id"])["status"] for it in holding]
    assert settled == ["failed"] * cancelled + ["completed"] * (limit - cancelled)

    *others, last = [{"cart_id": it["cart_id"]} for it in refused[: cancelled + 1]]
    assert [shop.buy(it)["status"] for it in others] == ["completed"] * cancelled
    # uses that are held might come back; that all are redeemed is told by a cart that has heard of it
    answer = shop.try_checkout(last).json()
    told = answer if "code" in answer else shop.settled(answer["checkout_id"])["failure"]
    assert told["code"] in {"INVALID_DISCOUNT_CODE", "PROMOTION_LIMIT_REACHED"}
