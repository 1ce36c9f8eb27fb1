"""Requests for another tenant's data get the same response as for missing data: status, body and headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from contracts.topology import SERVICE_NAMES
from kernel.security.api_key_columns import ID_DIGITS as KEY_ID_DIGITS
from tests.end_to_end.funnel import TENTH, Funnel, open_funnel
from tests.end_to_end.plans import monthly_plan, only
from tests.end_to_end.shop_client import Json, Shop, usd
from tests.support.access import Row, rows

OFFER = "/v1/offers/{offer_id}"
RENAMED = {"name": "Ours now"}
BUMP = {"product_id": str(uuid4()), "name": "Ours now", "discount": TENTH}
STEP = {
    "name": "Ours now",
    "type": "downsell",
    "trigger": "decline",
    "upsell_id": str(uuid4()),
    "position": 1,
}
EXPERIMENT = {"name": "Ours now", "variants": [{"name": "a", "weight": 1}, {"name": "b", "weight": 1}]}
ACCOUNT = {
    "enabled": False,
    "mode": "test",
    "methods": ["card"],
    "credentials": {"secret_key": "sk_test_4711"},
}
"""Not enabled: it serves no checkout of other tests."""
BODIES: dict[str, Any] = {
    "POST /v1/carts/{cart_id}/items": {"product_id": str(uuid4()), "quantity": 1},
    "PATCH /v1/carts/{cart_id}/items/{item_id}": {"quantity": 2},
    "POST /v1/carts/{cart_id}/discounts": {"code": "SPRING"},
    "PUT /v1/carts/{cart_id}/shipping-address": {"country": "PT"},
    "PUT /v1/carts/{cart_id}/shipping-option": {"option_id": str(uuid4())},
    "PUT /v1/carts/{cart_id}/customer": {"customer_id": "ours-now"},
    "POST /v1/carts/{cart_id}/merge": {"guest_cart_id": str(uuid4()), "strategy": "merge"},
    "POST /v1/flows/{flow_id}/steps": {"step": "review", "data": {}},
    "PATCH /v1/shipping-rates/{rate_id}": RENAMED,
    "PATCH /v1/products/{product_id}": RENAMED,
    "PATCH /v1/subscription-plans/{plan_id}": RENAMED,
    "POST /v1/subscription-plans/{plan_id}/migrate": {"from_terms_version": 1},
    "POST /v1/subscriptions/{subscription_id}/cancel": {"at": "now"},
    "PUT /v1/products/{product_id}/stock": {"on_hand": 7},
    "POST /v1/products/{product_id}/stock/receipts": {"quantity": 7},
    "PATCH /v1/promotions/{promotion_id}": {"value": 50},
    f"PATCH {OFFER}": RENAMED,
    f"PUT {OFFER}/price": {"base": usd(1)},
    f"POST {OFFER}/order-bumps": BUMP,
    f"PATCH {OFFER}/order-bumps/{{upsell_id}}": RENAMED,
    f"POST {OFFER}/upsells": {**BUMP, "type": "downsell"},
    f"PATCH {OFFER}/upsells/{{upsell_id}}": RENAMED,
    f"POST {OFFER}/funnel-steps": STEP,
    f"PATCH {OFFER}/funnel-steps/{{step_id}}": RENAMED,
    f"POST {OFFER}/experiments": EXPERIMENT,
    f"POST {OFFER}/experiments/{{experiment_id}}/stop": {},
    "PATCH /v1/campaigns/{campaign_id}": RENAMED,
    "PATCH /v1/referral/programs/{program_id}": RENAMED,
    "PATCH /v1/referral/rules/{rule_id}": {"limits": {"total": 1}},
    "POST /v1/checkouts/{checkout_id}/payment": {"method": "card", "token": "tok_ok"},
    "POST /v1/fraud/reviews/{checkout_id}/decision": {"decision": "approve", "reason": "ours now"},
    "POST /v1/sagas/{checkout_id}/retry": {"reason": "ours now"},
    "POST /v1/sagas/{checkout_id}/compensate": {"reason": "ours now"},
    "POST /v1/sagas/{checkout_id}/resolve": {"reason": "ours now", "outcome": "done"},
    "POST /v1/orders/{order_id}/refunds": {"reason": "ours now"},
    "POST /v1/orders/{order_id}/refunds/{refund_id}/retry": {"reason": "ours now"},
    "POST /v1/orders/{order_id}/refunds/{refund_id}/resolve": {"reason": "ours now", "outcome": "done"},
    "POST /v1/orders/{order_id}/cancel": {"reason": "ours now"},
    "PATCH /v1/customers/{customer_id}": RENAMED,
    "POST /v1/customers/{customer_id}/erase": {"reason": "ours now"},
    "POST /v1/orders/{order_id}/lines/{line_id}/fulfill": {"reason": "ours now"},
    "POST /v1/orders/{order_id}/lines/{line_id}/complete": {},
    "POST /v1/orders/{order_id}/shipments": {"lines": [{"line_id": "ours now", "quantity": 1}]},
    "POST /v1/orders/{order_id}/returns": {"lines": [{"line_id": "ours now", "quantity": 1}]},
    "POST /v1/licenses/{license_id}/seats": {"email": "ours@example.com"},
    "POST /v1/licenses/{license_id}/seats/{seat_id}/accept": {"customer_id": "ours-now"},
    "POST /v1/returns/{return_id}/reject": {},
    "POST /v1/returns/{return_id}/receive": {
        "lines": [{"line_id": "ours now", "quantity": 1, "condition": "sellable"}]
    },
    "POST /v1/shipments/{shipment_id}/fail": {},
    "POST /v1/shipments/{shipment_id}/return": {},
    "POST /v1/reconciliations/differences/{difference_id}/resolve": {
        "resolution": "accepted",
        "reason": "ours now",
    },
    "POST /v1/api-keys/{key_id}/expire": {"keep_seconds": 0},
    "PUT /v1/analytics/saved-questions/{saved_question_id}": {
        "name": "Ours now",
        "question": "conversion",
        "parameters": {},
        "shared": False,
    },
}
NEVER_MISSING = {
    "PUT /v1/categories/{slug}": "creates what is missing",
    "PUT /v1/collections/{slug}": "creates what is missing",
    "PUT /v1/customers/{customer_id}": "creates what is missing",
    "POST /v1/customers/{customer_id}/link": "the customer need not be known before",
    "PUT /v1/customers/{customer_id}/preferences": "the customer need not be known before",
    "POST /v1/imports/{kind}": "kinds belong to no tenant",
    "GET /v1/payment-accounts/{gateway}": "providers belong to no tenant",
    "PUT /v1/payment-accounts/{gateway}": "providers belong to no tenant",
    "POST /v1/webhooks/{gateway}": "providers belong to no tenant",
}
"""Routes that find nothing by an id, with the reason."""
KEYS = "/v1/api-keys"
GROUPS = ("categories", "collections")
OF_THE_MOMENT = {"date", "traceparent", "x-correlation-id"}


class Belongings(NamedTuple):
    """Ids of the tenant demo, by the names of path parameters."""

    ids: dict[str, str]
    session_id: str
    customer_id: str
    sku: str
    code: str
    locked: Json
    funnel: Funnel


@pytest.fixture(scope="module")
def demos(shop: Shop) -> Belongings:
    product = shop.product(1000, on_hand=50)
    code = shop.code(10)
    bought = shop.cart((product, 1), code=code)
    checkout = shop.buy(bought)
    order = shop.get("checkout-saga", f"/v1/orders/{checkout['order_id']}")
    cart = shop.cart((product, 1), code=code)
    promotions = shop.get("offer", "/v1/promotions?limit=100", "admin")["items"]
    funnel = open_funnel(shop)
    plan = monthly_plan(shop, 700)
    subscribed = shop.buy(shop.cart((shop.product(700, type="subscription", plan_id=plan["plan_id"]), 1)))
    subscriber = shop.get("checkout-saga", f"/v1/orders/{subscribed['order_id']}")["customer_id"]
    invoice = only(shop, "/v1/invoices", subscriber)
    for group in GROUPS:
        assert _set_group(shop, group, funnel.slug).status_code == 201
    ids = {
        "cart_id": cart["cart_id"],
        "item_id": cart["items"][0]["item_id"],
        "code": code,
        "product_id": product["product_id"],
        "plan_id": plan["plan_id"],
        "subscription_id": invoice["subscription_id"],
        "invoice_id": invoice["invoice_id"],
        "promotion_id": next(it["promotion_id"] for it in promotions if it.get("code") == code),
        "offer_id": funnel.offer_id,
        "slug": funnel.slug,
        "upsell_id": shop.get("offer", f"/v1/offers/{funnel.offer_id}/order-bumps")["items"][0]["upsell_id"],
        "experiment_id": funnel.experiment_id,
        "campaign_id": funnel.campaign_id,
        "program_id": funnel.program_id,
        "checkout_id": checkout["checkout_id"],
        "order_id": order["order_id"],
        "customer_id": order["customer_id"],
        "line_id": order["lines"][0]["line_id"],
        "key_id": _key_at_every_service(shop),
    }
    return Belongings(ids, cart["session_id"], order["customer_id"], product["sku"], code, bought, funnel)


def _set_group(shop: Shop, group: str, slug: str) -> httpx.Response:
    return shop.call("PUT", "offer", f"/v1/{group}/{slug}", "admin", {"name": "Things"})


def _key_at_every_service(shop: Shop) -> str:
    new = {"key_hash": sha256(uuid4().bytes).hexdigest(), "role": "analyst", "name": "ours"}
    made = [shop.post(service, KEYS, "ops", new)["key_id"] for service in SERVICE_NAMES]
    return str(made[0])


@pytest.fixture(scope="module")
def rival(shop: Shop) -> Iterator[Shop]:
    with shop.of("rival") as rival:
        yield rival


def comparable(answer: httpx.Response, *named: str) -> tuple[int, str, dict[str, str]]:
    """The response without times and without the id in the request."""
    text = re.sub(r'"correlation_id":"[^"]*"', "", answer.text)
    for it in named:
        text = text.replace(it, "ID")
    return answer.status_code, text, {k: v for k, v in answer.headers.items() if k not in OF_THE_MOMENT}


def test_every_route_with_an_id_answers_like_for_a_missing_one(
    shop: Shop, rival: Shop, demos: Belongings
) -> None:
    wrong, compared = [], 0
    for route in rows():
        if "{" not in route.path or route.service == "gateway" or "{parked_id}" in route.path:
            continue
        if f"{route.method} {route.path}" in NEVER_MISSING:
            continue
        for role in route.roles:
            foreign, missing = _asked(rival, route, role, demos.ids), _asked(rival, route, role, {})
            compared += 1
            if foreign != missing or foreign[0] != 404:
                wrong.append((str(route), role, foreign, missing))

    assert wrong == []
    assert compared > 30
    _nothing_has_changed(shop, demos)


def _asked(rival: Shop, route: Row, role: str, ids: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    used: list[str] = []

    def fill(name: re.Match[str]) -> str:
        used.append(ids.get(name[1]) or _missing(name[1]))
        return used[-1]

    path = re.sub(r"\{(\w+)\}", fill, route.path)
    body = BODIES.get(f"{route.method} {route.path}")
    key = uuid4().hex
    return comparable(rival.call(route.method, route.service, path, role, body, Idempotency_Key=key), *used)


def _missing(parameter: str) -> str:
    """An id or slug of nothing. It is as long as that of something, since responses may quote it."""
    match parameter:
        case "key_id":
            return uuid4().hex[:KEY_ID_DIGITS]
        case "slug":
            return f"path-{uuid4().hex}"
        case _:
            return str(uuid4())


def _nothing_has_changed(shop: Shop, demos: Belongings) -> None:
    ids = demos.ids
    assert shop.get("offer", f"/v1/products/{ids['product_id']}")["name"] == "A thing"
    assert shop.get("cart", f"/v1/carts/{ids['cart_id']}")["items"][0]["quantity"] == 1
    assert shop.get("checkout-saga", f"/v1/orders/{ids['order_id']}")["status"] == "fulfilled"
    offer = shop.get("offer", f"/v1/offers/{ids['offer_id']}")
    assert (offer["name"], offer["status"]) == ("From Python to SQL", "published")
    assert demos.funnel.variant_counts() == (0, 0)
    assert shop.get("offer", f"/v1/subscription-plans/{ids['plan_id']}", "admin")["name"] == "Starter"
    subscription = shop.get("checkout-saga", f"/v1/subscriptions/{ids['subscription_id']}", "service")
    assert subscription["status"] == "active"
    for path in (f"/v1/campaigns/{ids['campaign_id']}", f"/v1/referral/programs/{ids['program_id']}"):
        assert shop.get("offer", path, "admin")["status"] == "active"
    for group in GROUPS:
        assert shop.get("offer", f"/v1/{group}/{ids['slug']}")["name"] == "Things"
    for service in SERVICE_NAMES:
        keys = shop.get(service, f"{KEYS}?limit=100", "ops")["items"]
        assert {it["key_id"]: it["state"] for it in keys}[ids["key_id"]] == "active"


def test_a_foreign_payment_account_is_like_a_missing_one(shop: Shop, rival: Shop) -> None:
    path = "/v1/payment-accounts/stripe"
    missing = comparable(rival.call("GET", "checkout-saga", path, "admin"))
    made = shop.call("PUT", "checkout-saga", path, "admin", ACCOUNT)
    foreign = comparable(rival.call("GET", "checkout-saga", path, "admin"))

    assert made.status_code == 200, made.text
    assert foreign == missing
    assert foreign[0] == 404


@pytest.mark.parametrize("role", ["storefront", "service", "admin"])
def test_a_checkout_of_a_foreign_cart_finds_no_cart(rival: Shop, demos: Belongings, role: str) -> None:
    answers = [
        comparable(rival.try_checkout({"cart_id": cart_id}, role=role), cart_id)
        for cart_id in (demos.ids["cart_id"], demos.locked["cart_id"], str(uuid4()))
    ]

    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 404 and "CART_NOT_FOUND" in answers[0][1]


def test_a_foreign_product_cannot_be_put_into_a_cart_or_quoted(rival: Shop, demos: Belongings) -> None:
    own = rival.post("cart", "/v1/carts", body={"session_id": uuid4().hex, "currency": "USD"})
    path = f"/v1/carts/{own['cart_id']}/items"
    items, quotes = [], []
    for product_id in (demos.ids["product_id"], str(uuid4())):
        line = {"product_id": product_id, "quantity": 1}
        items.append(comparable(rival.call("POST", "cart", path, body=line), product_id))
        asked = {"currency": "USD", "lines": [line]}
        quotes.append(comparable(rival.call("POST", "offer", "/v1/quotes", "service", asked), product_id))

    assert items[0] == items[1] and quotes[0] == quotes[1]
    assert items[0][0] == quotes[0][0] == 404


def test_a_foreign_code_is_unknown(rival: Shop, demos: Belongings) -> None:
    own = rival.cart((rival.product(500), 1))
    answers = []
    for code in (demos.code, f"CODE{uuid4().hex[:8].upper()}"):
        answer = rival.call("POST", "cart", f"/v1/carts/{own['cart_id']}/discounts", body={"code": code})
        answers.append(comparable(answer, code))

    assert answers[0] == answers[1]
    assert answers[0][0] == 422


def test_lists_by_a_foreign_id_are_as_empty_as_by_a_missing_one(rival: Shop, demos: Belongings) -> None:
    for service, path, mine, role in (
        ("cart", "/v1/carts?session_id=", demos.session_id, "service"),
        ("cart", "/v1/carts?customer_id=", demos.customer_id, "admin"),
        ("checkout-saga", "/v1/orders?customer_id=", demos.customer_id, "ops"),
        ("checkout-saga", "/v1/subscriptions?plan_id=", demos.ids["plan_id"], "ops"),
        ("checkout-saga", "/v1/invoices?subscription_id=", demos.ids["subscription_id"], "ops"),
        ("checkout-saga", "/v1/notifications?customer_id=", demos.customer_id, "ops"),
        ("gateway", "/v1/simulated-gateway/ledger?checkout_id=", demos.ids["checkout_id"], "ops"),
    ):
        foreign = comparable(rival.call("GET", service, path + mine, role), mine)
        missing = comparable(rival.call("GET", service, path + (it := str(uuid4())), role), it)
        assert foreign == missing
        assert foreign[:2] == (200, '{"items":[],"next_cursor":null}')


def test_a_foreign_cursor_leads_to_nothing_foreign(shop: Shop, rival: Shop, demos: Belongings) -> None:
    shop.product(100)
    listed = shop.until(lambda: shop.get("offer", "/v1/products?limit=1"), lambda it: bool(it["next_cursor"]))
    cursor = listed["next_cursor"]
    found = rival.get("offer", f"/v1/products?limit=100&cursor={cursor}")["items"]

    ours = {it["product_id"] for it in shop.get("offer", "/v1/products?limit=100")["items"]}
    assert ours.isdisjoint(it["product_id"] for it in found)


def test_names_of_one_tenant_are_free_to_another(shop: Shop, rival: Shop, demos: Belongings) -> None:
    """A session id, a SKU, a code or a slug of one tenant neither blocks nor shows in another."""
    cart = rival.call("POST", "cart", "/v1/carts", body={"session_id": demos.session_id, "currency": "USD"})
    assert cart.status_code == 201 and cart.json()["items"] == []
    new = {
        "sku": demos.sku,
        "name": "Ours",
        "type": "physical_product",
        "prices": [{"amount": 1, "currency": "USD"}],
    }
    assert rival.call("POST", "offer", "/v1/products", "admin", new).status_code == 201
    terms = {"code": demos.code, "kind": "percentage", "value": 5, "stacking": {"mode": "stackable"}}
    assert rival.call("POST", "offer", "/v1/promotions", "admin", terms).status_code == 201
    slug = f"things-{uuid4().hex}"
    for tenant in (shop, rival):
        assert [_set_group(tenant, group, slug).status_code for group in GROUPS] == [201, 201]


def test_an_idempotency_key_of_one_tenant_means_nothing_to_another(shop: Shop, rival: Shop) -> None:
    key = uuid4().hex
    body = {"session_id": uuid4().hex, "currency": "USD"}
    ours = shop.call("POST", "cart", "/v1/carts", body=body, Idempotency_Key=key)
    theirs = rival.call("POST", "cart", "/v1/carts", body=body, Idempotency_Key=key)

    assert ours.status_code == theirs.status_code == 201
    assert ours.json()["cart_id"] != theirs.json()["cart_id"]
    assert "idempotent-replayed" not in theirs.headers
