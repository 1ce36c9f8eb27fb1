"""The roles that may call each route: section 9 of the interfaces as one table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import httpx

from contracts.topology import SERVICE_NAMES, STACK_NAMES

OPEN = frozenset({"nobody is asked for a key"})
GATEWAYS_OWN = frozenset({"the gateway's one client, by a secret that is nobody's key"})
SHOPPERS = frozenset({"storefront", "service", "admin"})
READERS = SHOPPERS | {"ops"}
SERVICES = frozenset({"service", "admin"})
LISTERS = SERVICES | {"ops"}
ADMINS = frozenset({"admin"})
ANALYSTS = frozenset({"analyst", "admin"})
OPERATORS = frozenset({"ops"})

ALLOWED = (
    {
        "cart POST /v1/carts": SHOPPERS,
        "cart GET /v1/carts": LISTERS,
        "cart GET /v1/carts/{cart_id}": READERS,
        "cart POST /v1/carts/{cart_id}/items": SHOPPERS,
        "cart DELETE /v1/carts/{cart_id}/items": SHOPPERS,
        "cart PATCH /v1/carts/{cart_id}/items/{item_id}": SHOPPERS,
        "cart DELETE /v1/carts/{cart_id}/items/{item_id}": SHOPPERS,
        "cart POST /v1/carts/{cart_id}/discounts": SHOPPERS,
        "cart DELETE /v1/carts/{cart_id}/discounts/{code}": SHOPPERS,
        "cart PUT /v1/carts/{cart_id}/shipping-address": SHOPPERS,
        "offer POST /v1/products": ADMINS,
        "offer GET /v1/products": READERS,
        "offer GET /v1/products/{product_id}": READERS,
        "offer PATCH /v1/products/{product_id}": ADMINS,
        "offer POST /v1/products/{product_id}/activate": ADMINS,
        "offer POST /v1/products/{product_id}/archive": ADMINS,
        "offer GET /v1/products/{product_id}/stock": READERS,
        "offer PUT /v1/products/{product_id}/stock": ADMINS,
        "offer POST /v1/products/{product_id}/stock/receipts": ADMINS,
        "offer POST /v1/promotions": ADMINS,
        "offer GET /v1/promotions": SERVICES,
        "offer GET /v1/promotions/{promotion_id}": SERVICES,
        "offer PATCH /v1/promotions/{promotion_id}": ADMINS,
        "offer POST /v1/promotions/{promotion_id}/disable": ADMINS,
        "offer POST /v1/tax-rates": ADMINS,
        "offer GET /v1/tax-rates": READERS,
        "offer POST /v1/quotes": SERVICES,
        "checkout-saga POST /v1/checkouts": SHOPPERS,
        "checkout-saga GET /v1/checkouts/{checkout_id}": READERS,
        "checkout-saga GET /v1/checkouts/{checkout_id}/events": READERS,
        "checkout-saga POST /v1/checkouts/{checkout_id}/cancel": SHOPPERS,
        "checkout-saga POST /v1/checkouts/{checkout_id}/confirm-action": SHOPPERS,
        "checkout-saga GET /v1/orders": LISTERS,
        "checkout-saga GET /v1/orders/{order_id}": READERS,
        "checkout-saga POST /v1/orders/{order_id}/refunds": ADMINS,
        "checkout-saga POST /v1/orders/{order_id}/cancel": ADMINS,
        "checkout-saga POST /v1/orders/{order_id}/refunds/{refund_id}/retry": OPERATORS,
        "checkout-saga POST /v1/orders/{order_id}/refunds/{refund_id}/resolve": OPERATORS,
        "checkout-saga GET /v1/attention": ADMINS | OPERATORS,
        "checkout-saga GET /v1/sagas": OPERATORS,
        "checkout-saga POST /v1/sagas/{checkout_id}/retry": OPERATORS,
        "checkout-saga POST /v1/sagas/{checkout_id}/compensate": OPERATORS,
        "checkout-saga POST /v1/sagas/{checkout_id}/resolve": OPERATORS,
        "checkout-saga GET /health/checkout": OPEN,
        "projections GET /v1/analytics/conversion": ANALYSTS,
        "projections GET /v1/analytics/products": ANALYSTS,
        "projections GET /v1/analytics/checkout-operations": ANALYSTS,
        "projections GET /v1/projections": ANALYSTS | OPERATORS,
        "projections GET /v1/projections/{name}": ANALYSTS | OPERATORS,
        "projections POST /v1/projections/{name}/rebuild": ADMINS | OPERATORS,
        "projections POST /v1/projections/{name}/verify": ADMINS | OPERATORS,
        "gateway POST /v1/authorizations": GATEWAYS_OWN,
        "gateway POST /v1/authorizations/{payment_id}/confirm": GATEWAYS_OWN,
        "gateway POST /v1/captures": GATEWAYS_OWN,
        "gateway POST /v1/voids": GATEWAYS_OWN,
        "gateway POST /v1/refunds": GATEWAYS_OWN,
        "gateway GET /v1/operations/{key}": GATEWAYS_OWN,
        "gateway GET /v1/simulated-gateway/ledger": OPERATORS,
    }
    | {
        f"{service} {call}": OPERATORS
        for service in SERVICE_NAMES
        for call in (
            "GET /v1/parked",
            "GET /v1/parked/{parked_id}",
            "POST /v1/parked/{parked_id}/retry",
            "POST /v1/parked/{parked_id}/discard",
        )
    }
    | {
        f"{service} {call}": OPERATORS
        for service in STACK_NAMES
        for call in ("GET /v1/clock", "POST /v1/clock")
    }
)


class Route(NamedTuple):
    service: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


def routes_of(table: dict[str, frozenset[str]] = ALLOWED) -> Iterator[tuple[Route, frozenset[str]]]:
    for line, roles in table.items():
        yield Route(*line.split()), roles


def described(service: str, url: str) -> set[str]:
    """The routes in a service's interface description."""
    paths = httpx.get(f"{url}/openapi.json", trust_env=False).json()["paths"]
    return {str(Route(service, method.upper(), path)) for path, item in paths.items() for method in item}
