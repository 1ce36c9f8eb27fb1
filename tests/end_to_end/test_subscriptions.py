"""A plan is defined, sold, invoiced and cancelled, through the public interfaces alone."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from tests.end_to_end.shop_client import Json, Shop

MONTHLY: Json = {
    "billing_cycle": {"interval": "month", "count": 1},
    "prices": [{"amount": 2900, "currency": "USD"}],
}


def plan_of(shop: Shop) -> Json:
    return shop.post(
        "offer", "/v1/subscription-plans", "admin", {"code": uuid4().hex, "name": "Starter", **MONTHLY}
    )


def only(shop: Shop, path: str, customer_id: str) -> Json:
    """The only one of a customer's subscriptions or invoices, once the list has it."""
    found = shop.until(
        lambda: shop.get("checkout-saga", f"{path}?customer_id={customer_id}", "service"),
        lambda it: bool(it["items"]),
    )
    (item,) = found["items"]
    return dict(item)


def test_an_order_of_a_plan_s_product_starts_a_subscription_whose_first_invoice_it_has_paid(
    shop: Shop,
) -> None:
    plan = plan_of(shop)
    details = {"type": "subscription", "plan_id": plan["plan_id"], "prices": []}
    product = shop.product(2900, **details)
    customer_id = f"customer-{uuid4().hex}"
    customer = {"id": customer_id, "email": f"{customer_id}@example.com", "name": "Ann Example"}
    checkout = shop.buy(shop.cart((product, 1), role="service"), role="service", more={"customer": customer})
    assert checkout["status"] == "completed", checkout

    subscription = only(shop, "/v1/subscriptions", customer_id)
    assert (subscription["status"], subscription["entitled"]) == ("active", True)
    assert subscription["plan"]["code"] == plan["code"]
    begin, end = (datetime.fromisoformat(subscription["period"][it]) for it in ("from", "to"))
    assert 28 <= (end - begin).days <= 31

    invoice = only(shop, "/v1/invoices", customer_id)
    assert (invoice["status"], invoice["total"]) == ("paid", {"amount": 2900, "currency": "USD"})
    assert invoice["number"].startswith(f"INV-{begin.year}-")
    assert invoice["subscription_id"] == subscription["subscription_id"]

    path = f"/v1/subscriptions/{subscription['subscription_id']}"
    scheduled = shop.post("checkout-saga", f"{path}/cancel", "service", {"at": "period_end"})
    assert (scheduled["status"], scheduled["cancel_at"]) == ("active", subscription["period"]["to"])
    ended = shop.post("checkout-saga", f"{path}/cancel", "service", {"at": "now"})
    assert (ended["status"], ended["entitled"]) == ("cancelled", False)
