"""What every service offers alike."""

import pytest

from tests.end_to_end.shop import Shop
from tests.support.stack import RunningStack

SERVICES = ("cart", "offer", "checkout-saga", "projections")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/asyncapi.json"]
)
def test_these_pages_need_no_key(shop: Shop, service: str, path: str) -> None:
    assert shop.call("GET", service, path, Authorization="").status_code == 200


@pytest.mark.parametrize("service", SERVICES)
def test_the_channels_are_described(shop: Shop, stack: RunningStack, service: str) -> None:
    described = shop.get(service, "/asyncapi.json")
    assert described["asyncapi"].startswith("3.")
    name = service.removesuffix("-saga")
    topic = "checkout.events" if service == "projections" else f"{name}.events"
    assert any(it["address"] == topic for it in described["channels"].values())
    assert [it["host"] for it in described["servers"].values()] == [stack.addresses.kafka]


def test_nobody_gets_in_without_a_key(shop: Shop) -> None:
    refused = shop.call("GET", "cart", "/v1/carts?session_id=x", Authorization="Bearer nonsense")
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")


def test_checkouts_are_healthy(shop: Shop) -> None:
    report = shop.get("checkout-saga", "/health/checkout")
    assert report["status"] == "healthy"
    checks = {"expired_locks", "stuck_checkouts", "stuck_refunds", "blocked_checkouts", "database", "loops"}
    assert report["checks"].keys() == checks
