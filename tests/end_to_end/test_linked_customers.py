"""A guest buys with a code and is linked with an account: this has used the code, and lists both orders."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.end_to_end.shop_client import Json, Shop

ONCE: Json = {"limits": {"per_customer": 1}}
FIRST: Json = {"conditions": {"first_order": True}}
LIMIT, CONDITIONS = "limit_reached", "conditions_not_met"


def cart_of(shop: Shop, product: Json, customer_id: str) -> Json:
    cart = shop.cart((product, 1))
    path = f"/v1/carts/{cart['cart_id']}/customer"
    named = shop.call("PUT", "cart", path, "service", {"customer_id": customer_id})
    assert named.is_success, named.text
    return cart


def enter(shop: Shop, cart: Json, code: str) -> Json:
    """The response to the code, and how it was answered."""
    response = shop.call("POST", "cart", f"/v1/carts/{cart['cart_id']}/discounts", body={"code": code})
    return {**response.json(), "answered": response.status_code}


def order_of(shop: Shop, cart: Json, **customer: str) -> str:
    checkout = shop.buy(cart, role="service", more={"customer": {"name": "Ann Example", **customer}})
    assert checkout["status"] == "completed", checkout
    order_id: str = checkout["order_id"]
    return order_id


def rejected(shop: Shop, product: Json, customer_id: str, code: str) -> Json:
    """What the offer service says of the code: nothing, or why not."""
    lines = [{"product_id": product["product_id"], "quantity": 1}]
    asked = {"currency": "USD", "lines": lines, "codes": [code], "customer": {"id": customer_id}}
    return {it["code"]: it["reason"] for it in shop.post("offer", "/v1/quotes", "service", asked)["rejected"]}


@pytest.mark.parametrize(
    ("terms", "reason"), [(ONCE, LIMIT), (FIRST, CONDITIONS)], ids=["once", "first order"]
)
def test_an_account_cannot_use_again_the_code_that_its_guest_has_used(
    shop: Shop, terms: Json, reason: str
) -> None:
    product, code = shop.sold(2000), f"CODE{uuid4().hex[:8].upper()}"
    promotion: dict[str, Any] = {"code": code, "kind": "percentage", "value": 10, **terms}
    shop.post("offer", "/v1/promotions", "admin", promotion)
    account, email = f"customer-{uuid4().hex}", f"ann.{uuid4().hex}@example.com"

    contact = shop.call("PUT", "checkout-saga", "/v1/contacts", body={"email": email, "recovery": False})
    guest_cart = cart_of(shop, product, contact.json()["customer_id"])
    shop.until(lambda: enter(shop, guest_cart, code), lambda it: it["answered"] < 300)
    first = order_of(shop, guest_cart, email=email)
    assert shop.get("checkout-saga", f"/v1/orders/{first}")["totals"]["discount"]["amount"] == 200
    assert rejected(shop, product, account, code) == {}

    linked = shop.post(
        "checkout-saga", f"/v1/customers/{account}/link", "service", {"guest_email": email.upper()}
    )
    assert linked["guest_id"] == contact.json()["customer_id"]
    shop.until(lambda: rejected(shop, product, account, code), lambda it: it == {code: reason})
    refused = shop.until(
        lambda: enter(shop, cart_of(shop, product, account), code), lambda it: it["answered"] >= 400
    )
    assert refused["reason"] == reason

    second = order_of(shop, cart_of(shop, product, account), id=account, email=email)
    listed = shop.get("checkout-saga", f"/v1/orders?customer_id={account}", "service")["items"]
    assert [it["order_id"] for it in listed] == [first, second]
