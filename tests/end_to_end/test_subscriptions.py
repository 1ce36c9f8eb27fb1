"""A plan is defined, sold, invoiced and cancelled, through the public interfaces alone."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from tests.end_to_end.plans import monthly_plan, only
from tests.end_to_end.shop_client import Shop


def test_an_order_of_a_plan_s_product_starts_a_subscription_whose_first_invoice_it_has_paid(
    shop: Shop,
) -> None:
    plan = monthly_plan(shop, 2900)
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
