"""Who may call which route: what the route tables say, and what section 9 of the interfaces says.

The two are written independently. ``tests/contract/test_access.py`` compares them, and the tests with a whole
stack send every row's request with every kind of key.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from contracts.topology import SERVICE_NAMES
from projections.dashboard.pages import path_of
from projections.questions.registry import QUESTIONS
from tests.support.applications import application

GATEWAY = "gateway"
OPEN: frozenset[str] = frozenset()
SERVICES = frozenset({"service", "admin"})
SHOPPERS = SERVICES | {"storefront"}
ADMINS = frozenset({"admin"})
ANALYSTS = frozenset({"analyst", "admin"})
OPERATORS = frozenset({"ops"})
GATEWAYS_CLIENT = frozenset({"the gateway's one client, which is no role"})

SECTION_9 = (
    (r"POST /v1/(imports|price-changes)\b.*", ADMINS),
    (r"GET /v1/shipping-rates\b.*", SHOPPERS | OPERATORS),
    (r"\w+ /v1/shipping-rates\b.*", ADMINS),
    (r"\w+ /v1/carts/sync\b.*", SERVICES),
    (r"GET /v1/recover/.*", OPEN),
    (r"GET /v1/public/offers/.*", SHOPPERS),
    (r"GET /v1/(carts|orders)", SERVICES | OPERATORS),
    (r"GET /v1/carts/[^/]+/upsells", SHOPPERS),
    (r"GET /v1/(carts|checkouts|flows|orders)/.*", SHOPPERS | OPERATORS),
    (r"POST /v1/orders/.*/refunds/.*", OPERATORS),
    (r"POST /v1/orders/.*/lines/.*/fulfill", ADMINS | OPERATORS),
    (r"POST /v1/orders/[^/]+/returns", SHOPPERS),
    (r"POST /v1/orders/[^/]+/upsells/[^/]+/purchase", OPEN),
    (r"POST /v1/orders/.*", ADMINS),
    (r"\w+ /v1/settings/checkout", ADMINS),
    (r"(POST /v1/seats/[^/]+/accept|GET /v1/(certificates|downloads)/.*)", OPEN),
    (r"GET /v1/(certifications|downloads|licenses)\b.*", SERVICES | OPERATORS),
    (r"POST /v1/downloads/.*", frozenset({"storefront", "service"})),
    (r"POST /v1/certifications/.*", ADMINS),
    (r"GET /v1/(invoices|subscriptions)\b.*", SERVICES | OPERATORS),
    (r"POST /v1/subscriptions/.*", SERVICES),
    (r"\w+ /v1/licenses/.*", SERVICES),
    (r"GET /v1/(returns|shipments)\b.*", SERVICES | OPERATORS),
    (r"POST /v1/(returns|shipments)/.*", ADMINS),
    (r"\w+ /v1/payment-accounts/.*", ADMINS),
    (r"\w+ /v1/notification-channels", ADMINS),
    (r"GET /v1/notifications\b.*", SERVICES | OPERATORS),
    (r"POST /v1/notifications/.*", ADMINS | OPERATORS),
    (r"GET /v1/fraud/reviews", ADMINS | OPERATORS),
    (r"\w+ /v1/fraud/.*", ADMINS),
    (r"POST /v1/webhooks/.*", OPEN),
    (r"POST /v1/reconciliations/differences/.*", OPERATORS),
    (r"(POST /v1/reconciliations|GET /v1/reconciliations/differences)", ADMINS | OPERATORS),
    (r"GET /v1/reconciliations\b.*", SERVICES | OPERATORS),
    (r"\w+ /v1/(carts|checkouts|flows)\b.*", SHOPPERS),
    (r"GET /v1/subscription-plans\b.*", SHOPPERS | OPERATORS),
    (r"\w+ /v1/subscription-plans\b.*", ADMINS),
    (r"GET /v1/(categories|collections|offers|pricing-policy|products|tax-rates)\b.*", SHOPPERS | OPERATORS),
    (r"\w+ /v1/referral/attributions\b.*", SERVICES),
    (r"\w+ /v1/referral/.*", ADMINS),
    (r"GET /v1/promotions\b.*", SERVICES | OPERATORS),
    (r"(GET /v1/campaigns\b.*|POST /v1/quotes)", SERVICES),
    (
        r"\w+ /v1/(campaigns|categories|collections|offers|pricing-policy|products|promotions|tax-rates)\b.*",
        ADMINS,
    ),
    (r"GET /v1/attention", ADMINS | OPERATORS),
    (r"\w+ /v1/(sagas|parked|clock|api-keys|status|verifications|simulated-gateway)\b.*", OPERATORS),
    (r"(POST /v1/customers/[^/]+/erase|DELETE /v1/customers/.*)", ADMINS),
    (r"\w+ /v1/customers\b.*", SERVICES),
    (r"PUT /v1/contacts", SHOPPERS),
    (r"(POST /v1/analytics/models/run|GET /v1/analytics/models/runs)", ANALYSTS | OPERATORS),
    (r"GET /v1/analytics/.*", ANALYSTS),
    (r"POST /v1/analytics/spend", ANALYSTS),
    (r"(POST|PUT|DELETE) /v1/analytics/(saved-questions|report-subscriptions)\b.*", ANALYSTS),
    (r"GET /v1/projections\b.*", ANALYSTS | OPERATORS),
    (r"POST /v1/projections/.*", ADMINS | OPERATORS),
    (r"GET /health/checkout", OPEN),
)
"""Method and path -> the roles that may call it. The first pattern that fits counts."""


class Row(NamedTuple):
    service: str
    method: str
    path: str
    roles: frozenset[str]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"


GATEWAY_ROWS = tuple(
    Row(GATEWAY, method, path, GATEWAYS_CLIENT)
    for method, path in (
        ("POST", "/v1/authorizations"),
        ("POST", "/v1/authorizations/{payment_id}/confirm"),
        ("POST", "/v1/captures"),
        ("POST", "/v1/voids"),
        ("POST", "/v1/refunds"),
        ("GET", "/v1/entries"),
        ("GET", "/v1/operations/{key}"),
        ("GET", "/v1/payments/{payment_id}"),
    )
)
"""In no table: the simulated gateway has one client, with a secret that is no API key."""

OUTSIDE_OF_TABLES = frozenset(
    f"GET {path}"
    for path in (
        *("/livez", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json", "/docs"),
        *("/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/favicon-32x32.png"),
    )
) | {"GET /v1/service-clock", "POST /v1/service-clock", "HEAD /v1/recover/{token}"}
OUTSIDE_OF_TABLES |= frozenset(
    f"{method} /operator{path}"
    for path, methods in {
        **dict.fromkeys(("", "/operator.css", "/checkouts", "/parked"), ("GET",)),
        **dict.fromkeys(("/sign-in", "/checkouts/{checkout_id}", "/parked/{parked_id}"), ("GET", "POST")),
        **dict.fromkeys(
            (
                *("/orders/{order_id}/refunds/{refund_id}", "/orders/{order_id}/lines/{line_id}"),
                *("/reviews/{checkout_id}", "/differences/{difference_id}"),
            ),
            ("GET", "POST"),
        ),
        "/sign-out": ("POST",),
    }.items()
    for method in methods
)
OUTSIDE_OF_TABLES |= {"GET /reports", "POST /reports", "POST /reports/{subscription_id}"} | {
    f"{method} /saved-questions{path}" for path in ("", "/{saved_question_id}") for method in ("GET", "POST")
}
OUTSIDE_OF_TABLES |= {
    f"{method} /{path}"
    for path, method in (
        *((path, "GET") for path in ("", "dashboard.css", "freshness", "dictionary")),
        *(("sign-in", method) for method in ("GET", "POST")),
        ("sign-out", "POST"),
        *((path_of(it)[1:], "GET") for it in QUESTIONS),
        *((f"{path_of(it)[1:]}/export", "GET") for it in QUESTIONS if it.exported),
    )
}
OUTSIDE_OF_TABLES |= {
    "GET /actions/actions.css",
    *(f"{method} /actions/{{payment_id}}" for method in ("GET", "POST")),
}
"""Neither described nor in a table: probes and pages, which ask for no key; the routes among services, which
ask for the secret of the stack; the HEAD of a row that says GET; the pages of operators and analysts, which
ask for a session; and the gateway's page for customers, which asks for the proof in its address."""


def rows() -> list[Row]:
    """The rows of all route tables."""
    return [
        Row(name, route.method, route.path, frozenset(route.roles))
        for name in (*SERVICE_NAMES, GATEWAY)
        for table in application(name).tables
        for route in table.routes
    ]


def roles_by_section_9(method: str, path: str) -> frozenset[str]:
    """Raises ``LookupError`` for a route that it does not provide for."""
    for pattern, roles in SECTION_9:
        if re.fullmatch(pattern, f"{method} {path}"):
            return roles
    raise LookupError(f"section 9 does not say who may call {method} {path}")


def described(service: str, description: dict[str, Any]) -> set[str]:
    """The routes of a service's interface description."""
    return {
        f"{service} {method.upper()} {path}" for path, item in description["paths"].items() for method in item
    }
