"""Subscription plans of the end-to-end tests, and what customers have of them."""

from __future__ import annotations

from uuid import uuid4

from tests.end_to_end.shop_client import Json, Shop


def monthly_plan(shop: Shop, amount: int) -> Json:
    new = {
        "code": uuid4().hex,
        "name": "Starter",
        "billing_cycle": {"interval": "month", "count": 1},
        "prices": [{"amount": amount, "currency": "USD"}],
    }
    return shop.post("offer", "/v1/subscription-plans", "admin", new)


def only(shop: Shop, path: str, customer_id: str) -> Json:
    """The only one of a customer's subscriptions or invoices, once the list has it."""
    found = shop.until(
        lambda: shop.get("checkout-saga", f"{path}?customer_id={customer_id}", "service"),
        lambda it: bool(it["items"]),
    )
    (item,) = found["items"]
    return dict(item)
