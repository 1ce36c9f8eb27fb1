"""A service behind doors knows no other way, and Kafka tells it none."""

from __future__ import annotations

from tests.proofs.chaos.proxied_stack import properties, through

PROXIES = {
    "cart-postgres": 1001,
    "cart-kafka": 1002,
    "checkout-saga-postgres": 1003,
    "checkout-saga-kafka": 1004,
}
SETTINGS = {
    "FEIRA_DATABASE_URL": "postgresql://cart:secret@127.0.0.1:5432/feira_cart",
    "FEIRA_MIGRATION_URL": "postgresql://owner:secret@127.0.0.1:5432/feira_cart",
    "FEIRA_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "FEIRA_GATEWAY_URL": "http://127.0.0.1:8005",
}


def test_each_address_leads_through_the_door_of_the_service() -> None:
    proxies = {**PROXIES, "cart-gateway": 1005}
    told = through("cart", SETTINGS, proxies)
    assert told["FEIRA_DATABASE_URL"] == "postgresql://cart:secret@127.0.0.1:1001/feira_cart"
    assert told["FEIRA_KAFKA_BOOTSTRAP"] == "127.0.0.1:1002"
    assert told["FEIRA_GATEWAY_URL"] == "http://127.0.0.1:1005"


def test_what_has_no_door_is_left_alone() -> None:
    told = through("cart", SETTINGS, PROXIES)
    assert told["FEIRA_GATEWAY_URL"] == SETTINGS["FEIRA_GATEWAY_URL"]
    assert told["FEIRA_MIGRATION_URL"] == SETTINGS["FEIRA_MIGRATION_URL"]


def test_kafka_listens_for_each_service_and_tells_it_its_own_door() -> None:
    lines = properties({"cart": 2001, "checkout-saga": 2002}, PROXIES).format(port=9092, controller_port=9093)
    told = dict(line.split("=", 1) for line in lines.splitlines())
    assert "CART://127.0.0.1:2001" in told["listeners"]
    assert "CART://127.0.0.1:1002" in told["advertised.listeners"]
    assert "CHECKOUT://127.0.0.1:1004" in told["advertised.listeners"]
    assert told["listeners"].startswith("PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093")
    assert "CHECKOUT:PLAINTEXT" in told["listener.security.protocol.map"]
