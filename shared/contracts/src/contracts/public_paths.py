"""Which service answers a path, where one host stands before all services.

A gateway routes by path alone. Resources of one service are published under their own paths. Operators reach
every service also under its name: the gateway removes ``/cart`` from ``/cart/v1/parked``. Only paths below
``/v1`` are published, so probes, metrics and pages stay inside. Plain data, no input or output.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.topology import CART, CHECKOUT, OFFER, PROJECTIONS, SERVICE_NAMES

PUBLISHED = "/v1"
"""Paths outside of this one are not published."""
PUBLIC_PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        CART.name: ("/v1/carts", "/v1/flows", "/v1/recover"),
        OFFER.name: (
            "/v1/campaigns",
            "/v1/categories",
            "/v1/collections",
            "/v1/imports",
            "/v1/offers",
            "/v1/price-changes",
            "/v1/pricing-policy",
            "/v1/products",
            "/v1/promotions",
            "/v1/public",
            "/v1/quotes",
            "/v1/referral",
            "/v1/shipping-rates",
            "/v1/subscription-plans",
            "/v1/tax-rates",
        ),
        CHECKOUT.name: (
            "/v1/attention",
            "/v1/certificates",
            "/v1/certifications",
            "/v1/checkouts",
            "/v1/contacts",
            "/v1/customers",
            "/v1/downloads",
            "/v1/fraud",
            "/v1/invoices",
            "/v1/licenses",
            "/v1/notification-channels",
            "/v1/notifications",
            "/v1/orders",
            "/v1/payment-accounts",
            "/v1/reconciliations",
            "/v1/returns",
            "/v1/sagas",
            "/v1/seats",
            "/v1/settings",
            "/v1/subscriptions",
            "/v1/webhooks",
            "/v1/shipments",
        ),
        PROJECTIONS.name: ("/v1/analytics", "/v1/projections", "/v1/verifications"),
    }
)
"""Service -> the paths that lead to it alone, each with everything below it."""
ON_EVERY_SERVICE = ("/v1/api-keys", "/v1/clock", "/v1/parked", "/v1/status")
"""Each service has its own: published under the services' names only."""


def operator_path(service: str) -> str:
    """Where operators reach everything that a service publishes; a gateway removes it from the path."""
    return f"/{service}"


def route(path: str) -> tuple[str, str] | None:
    """The service that a gateway asks, and the path that it asks for. None: not published."""
    for service in SERVICE_NAMES:
        prefix = operator_path(service)
        if is_below(path, f"{prefix}{PUBLISHED}"):
            return service, path.removeprefix(prefix)
    found = [name for name, paths in PUBLIC_PATHS.items() if any(is_below(path, it) for it in paths)]
    return (found[0], path) if found else None


def is_below(path: str, prefix: str) -> bool:
    """Whether the path is the prefix or continues it by whole segments, as in ``PathPrefix`` of the Gateway
    API."""
    return path == prefix or path.startswith(f"{prefix}/")
