"""A proxied service has only its proxies' addresses, and Kafka advertises no others."""

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


def test_each_address_is_that_of_the_services_proxy() -> None:
    proxies = {**PROXIES, "cart-gateway": 1005}
    proxied = through("cart", SETTINGS, proxies)
    assert proxied["FEIRA_DATABASE_URL"] == "postgresql://cart:secret@127.0.0.1:1001/feira_cart"
    assert proxied["FEIRA_KAFKA_BOOTSTRAP"] == "127.0.0.1:1002"
    assert proxied["FEIRA_GATEWAY_URL"] == "http://127.0.0.1:1005"


def test_an_address_without_a_proxy_is_unchanged() -> None:
    proxied = through("cart", SETTINGS, PROXIES)
    assert proxied["FEIRA_GATEWAY_URL"] == SETTINGS["FEIRA_GATEWAY_URL"]
    assert proxied["FEIRA_MIGRATION_URL"] == SETTINGS["FEIRA_MIGRATION_URL"]


def test_kafka_has_a_listener_for_each_service_that_advertises_its_proxy() -> None:
    lines = properties({"cart": 2001, "checkout-saga": 2002}, PROXIES).format(port=9092, controller_port=9093)
    proxied = dict(line.split("=", 1) for line in lines.splitlines())
    assert "CART://127.0.0.1:2001" in proxied["listeners"]
    assert "CART://127.0.0.1:1002" in proxied["advertised.listeners"]
    assert "CHECKOUT://127.0.0.1:1004" in proxied["advertised.listeners"]
    assert proxied["listeners"].startswith("PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093")
    assert "CHECKOUT:PLAINTEXT" in proxied["listener.security.protocol.map"]
