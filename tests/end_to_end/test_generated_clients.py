"""Clients generated from the running services' descriptions can call every operation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.topology import STACK_NAMES
from tests.end_to_end.shop_client import Json, Shop
from tests.support.generated_client import GeneratedClient, generate
from tests.support.stack import RunningStack

ABSENT = UUID(int=0)


class Clients:
    """By service; each call with the key of the role that may do it."""

    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls

    def call(self, service: str, role: str, operation: str, *path: Any, **more: Any) -> Any:
        name = f"generated_{service.replace('-', '_')}"
        return GeneratedClient(name, self._urls[service], f"demo-{role}").call(operation, *path, **more)

    def done(self, service: str, role: str, operation: str, *path: Any, **more: Any) -> Any:
        answer = self.call(service, role, operation, *path, **more)
        assert 200 <= answer.status_code < 300, answer.content
        assert answer.parsed is not None
        return answer.parsed


@pytest.fixture(scope="module")
def clients(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    folder: Path = tmp_path_factory.mktemp("generated")
    urls = dict(stack.addresses.urls)
    for name in STACK_NAMES:
        described = httpx.get(f"{urls[name]}/openapi.json", trust_env=False, timeout=30).json()
        assert generate(described, f"generated_{name.replace('-', '_')}", folder) == ""
    sys.path.insert(0, str(folder))
    yield Clients(urls)
    sys.path.remove(str(folder))


def test_a_purchase_with_its_refund(clients: Clients, shop: Shop) -> None:
    product = clients.done(
        "offer",
        "admin",
        "create_product",
        body={
            "sku": uuid4().hex,
            "name": "Mug",
            "type": "physical_product",
            "prices": [{"amount": 1000, "currency": "USD"}],
        },
        idempotency_key=uuid4().hex,
    )
    clients.done("offer", "admin", "activate_product", product.product_id)
    renamed = clients.done("offer", "admin", "change_product", product.product_id, body={"name": "Large mug"})
    clients.done("offer", "admin", "count_stock", product.product_id, body={"on_hand": 3})
    assert (renamed.name, renamed.prices[0].amount) == ("Large mug", 1000)

    cart = clients.done(
        "cart", "storefront", "create_cart", body={"session_id": uuid4().hex, "currency": "USD"}
    )
    wanted: Json = {"product_id": str(product.product_id), "quantity": 2}
    shop.cart((wanted, 1))  # waits until the carts know the product
    cart = clients.done("cart", "storefront", "add_item", UUID(cart.cart_id), body=wanted)
    assert cart.totals.total.to_dict() == {"amount": 2000, "currency": "USD"}

    begun = clients.done(
        "checkout-saga",
        "storefront",
        "start_checkout",
        body={
            "cart_id": cart.cart_id,
            "customer": {"email": "ana@example.com"},
            "payment": {"method": "card", "token": "tok_ok"},
        },
        idempotency_key=uuid4().hex,
    )
    ended = clients.done("checkout-saga", "storefront", "get_checkout", begun.checkout_id, wait_ms=10_000)
    assert ended.status == "completed"

    order = clients.done("checkout-saga", "storefront", "get_order", ended.order_id)
    refunded = clients.done(
        "checkout-saga",
        "admin",
        "refund_order",
        order.order_id,
        body={"amount": 500, "reason": "scratched"},
        idempotency_key=uuid4().hex,
    )
    assert [it.amount.amount for it in refunded.refunds] == [500]
    of_customer = clients.done(
        "checkout-saga", "service", "list_orders", customer_id=order.customer_id, limit=1
    )
    assert of_customer.items[0].order_id
    ledger = clients.done("gateway", "ops", "list_ledger", checkout_id=begun.checkout_id)
    assert [it.operation for it in ledger.items][:2] == ["authorize", "capture"]


READS = [
    ("offer", "admin", "list_products"),
    ("offer", "admin", "list_promotions"),
    ("offer", "admin", "list_tax_rates"),
    ("offer", "ops", "list_parked"),
    ("checkout-saga", "ops", "list_sagas"),
    ("checkout-saga", "ops", "get_checkout_health"),
    ("projections", "analyst", "get_conversion"),
    ("projections", "analyst", "get_ledger"),
    ("projections", "analyst", "get_product_performance"),
    ("projections", "analyst", "get_checkout_operations"),
    ("projections", "ops", "list_projections"),
]


@pytest.mark.parametrize(("service", "role", "operation"), READS)
def test_each_read_returns_a_parsed_response(
    clients: Clients, service: str, role: str, operation: str
) -> None:
    clients.done(service, role, operation)


REFUSED = [
    ("offer", "admin", "get_stock", 404, "PRODUCT_NOT_FOUND"),
    ("offer", "admin", "disable_promotion", 404, "PROMOTION_NOT_FOUND"),
    ("offer", "storefront", "archive_product", 403, "FORBIDDEN"),
    ("cart", "storefront", "clear_items", 404, "CART_NOT_FOUND"),
    ("checkout-saga", "storefront", "cancel_checkout", 404, "CHECKOUT_SESSION_NOT_FOUND"),
]


@pytest.mark.parametrize(("service", "role", "operation", "status", "code"), REFUSED)
def test_a_refusal_is_parsed_as_problem_details(
    clients: Clients, service: str, role: str, operation: str, status: int, code: str
) -> None:
    refused = clients.call(service, role, operation, ABSENT)
    assert (refused.status_code, refused.parsed.code) == (status, code)


def test_a_read_model_is_verified(clients: Clients) -> None:
    run = clients.done("projections", "ops", "verify_projection", "conversion")
    found = clients.done("projections", "ops", "get_projection", "conversion")
    assert run.kind == "verify"
    assert found.name == "conversion"
