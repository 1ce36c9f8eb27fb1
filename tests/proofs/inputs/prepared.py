"""Create resources, so that generated calls are not only answered with 404."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from contracts.topology import SERVICE_NAMES
from tests.end_to_end.shop_client import STRANGER, Shop
from tests.proofs.inputs.prepared_handovers import prepare_handovers
from tests.proofs.inputs.prepared_offers import prepare_offers
from tests.proofs.inputs.prepared_reports import prepare_reports
from tests.support.kafka_records import Sent, send

TO_BUY, TO_PLAY_WITH, TO_PARK = 60, 20, 30
ORDERS, WAITING = 6, 12


@dataclass(frozen=True)
class Prepared:
    """Existing values by the names of parameters and body fields."""

    in_paths: Mapping[str, list[str]]
    in_queries: Mapping[str, list[str]]
    in_bodies: Mapping[str, list[Any]]
    items: Mapping[str, str]
    """A cart's item, by the cart."""
    ended: list[str]
    """Checkouts that have ended."""
    of_offers: list[dict[str, str]]
    """Ids that belong together: those of an offer, its upsell, order bump, step and experiment."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def prepare(shop: Shop, broker: str) -> Prepared:
    sold = [shop.sold(1000 + it, on_hand=100_000) for it in range(10)]
    own = [shop.product(500) for _ in range(5)]
    for percent in (5, 10, 15):
        shop.code(percent)
    promotions = shop.get("offer", "/v1/promotions", "admin")["items"]
    codes = [shop.code(percent) for percent in (5, 10, 15)]  # these are not disabled by other calls
    ended = [shop.buy(shop.cart((sold[0], 3))) for _ in range(ORDERS)]
    ended.append(shop.buy(shop.cart((sold[0], 1)), "tok_declined"))
    waiting = [shop.buy(shop.cart((sold[0], 1)), "tok_action") for _ in range(WAITING)]
    orders = [it["order_id"] for it in ended if it.get("order_id")]
    of_orders = [shop.get("checkout-saga", f"/v1/orders/{it}") for it in orders]
    offered, of_offers = prepare_offers(shop, sold)
    handed_over = prepare_handovers(shop, of_orders)
    of_reports = prepare_reports(shop)
    carts = [shop.cart((sold[n % 10], 1), code=codes[n % 3]) for n in range(TO_PLAY_WITH)]
    in_paths = {
        "cart_id": [it["cart_id"] for it in carts],
        "product_id": [it["product_id"] for it in own],
        "promotion_id": [it["promotion_id"] for it in promotions],
        "checkout_id": [it["checkout_id"] for it in ended + waiting],
        "saga_id": [it["checkout_id"] for it in ended + waiting],
        "order_id": orders,
        "customer_id": [it["customer_id"] for it in of_orders],
        "line_id": [line["line_id"] for it in of_orders for line in it["lines"]],
        "parked_id": parked(shop, broker),
        "name": ["conversion", "products", "checkout-operations", "ledger"],
        **handed_over,
        "code": codes + handed_over["code"],
        **offered,
        **of_reports,
    }
    # and some ids of another kind of thing
    for one, other in (("order_id", "checkout_id"), ("product_id", "promotion_id")):
        of_one, of_other = in_paths[one][:2], in_paths[other][:2]
        in_paths[one] += of_other
        in_paths[other] += of_one
    in_queries = {
        "session_id": [it["session_id"] for it in carts],
        "customer_id": [it["customer_id"] for it in of_orders],
    }
    in_bodies = {
        "cart_id": [shop.cart((sold[n % 10], 1))["cart_id"] for n in range(TO_BUY)],
        "product_id": [it["product_id"] for it in sold],
        "code": codes,
        "currency": ["USD"],
        "email": ["ann@example.com"],
        "token": ["tok_ok", "tok_declined", "tok_action", "tok_capture_fails"],
        "line_id": [line["line_id"] for it in of_orders for line in it["lines"]],
        "quantity": [1, 2, 3],
        "saved_question_id": of_reports["saved_question_id"],
        "question": ["conversion", "products", "customers"],
        "time_zone": ["UTC", "Europe/Lisbon"],
        **{name: offered[name] for name in ("offer_id", "upsell_id", "program_id", "rule_id")},
    }
    items = {it["cart_id"]: it["items"][0]["item_id"] for it in carts}
    return Prepared(in_paths, in_queries, in_bodies, items, [it["checkout_id"] for it in ended], of_offers)


def parked(shop: Shop, broker: str) -> list[str]:
    """Send unreadable records, and return the ids of the dead letters of each service."""
    strangers = [
        Sent(topic, uuid4().hex.encode(), b"{}", STRANGER)
        for topic in ("cart.commands", "offer.commands", "cart.events")
        for _ in range(TO_PARK)
    ]
    asyncio.run(send(broker, *strangers))
    found = []
    for service in SERVICE_NAMES:
        there = shop.until(
            partial(shop.get, service, "/v1/parked?limit=100", "ops"),
            lambda page: len(page["items"]) >= TO_PARK,
        )
        found += [it["parked_id"] for it in there["items"]]
    return found
