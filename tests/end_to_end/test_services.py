"""Routes that every service has."""

import pytest

from contracts.topology import EVENT_TOPICS, SERVICE_NAMES, TOPICS
from tests.end_to_end.shop_client import Shop
from tests.support.stack import RunningStack


@pytest.mark.parametrize("service", SERVICE_NAMES)
@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/asyncapi.json"]
)
def test_these_pages_need_no_key(shop: Shop, service: str, path: str) -> None:
    assert shop.call("GET", service, path, Authorization="").status_code == 200


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_the_channels_are_described(shop: Shop, stack: RunningStack, service: str) -> None:
    described = shop.get(service, "/asyncapi.json")
    assert described["asyncapi"].startswith("3.")
    addresses = {it["address"] for it in described["channels"].values()}
    sent = {it.name for it in TOPICS if it.sender == service and it.name in EVENT_TOPICS}
    assert addresses >= sent
    assert addresses
    assert [it["host"] for it in described["servers"].values()] == [stack.addresses.kafka]


def test_a_request_without_a_key_is_refused(shop: Shop) -> None:
    refused = shop.call("GET", "cart", "/v1/carts?session_id=x", Authorization="Bearer nonsense")
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")


def test_checkouts_are_healthy(shop: Shop) -> None:
    report = shop.get("checkout-saga", "/health/checkout")
    assert report["status"] == "healthy"
    checks = {"expired_locks", "stuck_checkouts", "stuck_refunds", "blocked_checkouts", "database", "loops"}
    assert report["checks"].keys() == checks
