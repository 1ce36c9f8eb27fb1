"""Figures of purchases are counted on the day on which they happened, and are exact."""

import pytest

from projections.models.registry import REGISTRY
from tests.end_to_end.shop_client import Json, Shop

DAY = "1998-02-03"
AT = f"{DAY}T10:00:00Z"


def day(shop: Shop) -> Json:
    found = shop.get("projections", f"/v1/analytics/conversion?from={DAY}&to={DAY}", "analyst")
    return found["items"][0] if found["items"] else {}


def test_dated_purchases_count_on_their_own_days(shop: Shop) -> None:
    rival = shop.of("rival")
    product = rival.product(1999, on_hand=10)
    for token in ("tok_ok", "tok_ok", "tok_declined"):
        rival.buy(rival.cart((product, 1), role="service"), token, role="service", Feira_Occurred_At=AT)
    seen = rival.until(lambda: day(rival), lambda it: (it.get("checkouts"), it.get("completed")) == (3, 2))
    assert seen == {
        "day": DAY,
        "currency": "USD",
        "checkouts": 3,
        "completed": 2,
        "rate": 2 / 3,
        "rate_low": pytest.approx(0.20766, abs=1e-5),
        "rate_high": pytest.approx(0.93851, abs=1e-5),
        "revenue": {"amount": 3998, "currency": "USD"},
        "average_order_value": {"amount": 1999, "currency": "USD"},
    }
    assert day(shop) == {}, "another tenant's figures are its own"
    best = rival.get("projections", f"/v1/analytics/products?from={DAY}&to={DAY}", "analyst")["items"]
    assert [(it["product_id"], it["times_sold"], it["revenue"]["amount"]) for it in best] == [
        (product["product_id"], 2, 3998)
    ]


def test_read_models_show_their_lag(shop: Shop) -> None:
    shop.buy(shop.cart((shop.product(100), 1)))

    def caught_up(found: Json) -> bool:
        return all(it["state"] == "live" and it["lag"]["events"] == 0 for it in found["items"])

    found = shop.until(lambda: shop.get("projections", "/v1/projections", "ops"), caught_up)
    assert {it["name"] for it in found["items"]} == {it.name for it in REGISTRY.models}


def test_operators_see_failures_and_compensations(shop: Shop) -> None:
    shop.buy(shop.cart((shop.product(100, on_hand=1), 1)), "tok_declined")
    path = "/v1/analytics/checkout-operations"

    def has_both(found: Json) -> bool:
        failed = {(it["phase"], it["code"]) for it in found["failures"]}
        return ("authorize_payment", "PAYMENT_DECLINED") in failed

    found = shop.until(lambda: shop.get("projections", path, "analyst"), has_both)
    assert {it["step"] for it in found["compensations"]} >= {"reserve_stock", "lock_cart"}
