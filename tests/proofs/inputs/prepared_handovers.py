"""What has been handed over: seats of a licence, certificates and shipments; the stack has no asset store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from tests.end_to_end.shop_client import Json, Shop

SEATS, INVITED, BOUGHT = 20, 8, 4
Of = dict[str, list[Any]]


def prepare_handovers(shop: Shop, goods: Sequence[Json]) -> Of:
    """Existing values by the names of parameters. ``goods``: orders of physical products."""
    shipments = [it for order in goods for it in _owned(shop, "shipments", order["order_id"])]
    return {
        "shipment_id": [it["shipment_id"] for it in shipments],
        **_seats(shop),
        **_certificates(shop),
    }


def _seats(shop: Shop) -> Of:
    team = shop.product(700, type="team_license", min_users=2, max_users=50)
    (license_,) = _owned(shop, "licenses", _order(shop, team, SEATS))
    path = f"/v1/licenses/{license_['license_id']}/seats"
    people = [{"email": f"{uuid4().hex}@example.com"} for _ in range(INVITED)]
    invited = [shop.post("checkout-saga", path, "admin", it) for it in people]
    return {
        "license_id": [license_["license_id"]],
        "seat_id": [it["seat_id"] for it in invited],
        "token": [it["token"] for it in invited],
    }


def _certificates(shop: Shop) -> Of:
    exam = shop.product(900, type="certification")
    found = [it for _ in range(BOUGHT) for it in _owned(shop, "certifications", _order(shop, exam))]
    first = f"/v1/certifications/{found[0]['certification_id']}"
    issued = shop.post("checkout-saga", f"{first}/issue", "admin")
    return {"certification_id": [it["certification_id"] for it in found], "code": [issued["code"]]}


def _order(shop: Shop, product: Json, quantity: int = 1) -> str:
    return str(shop.buy(shop.cart((product, quantity)))["order_id"])


def _owned(shop: Shop, things: str, order_id: str) -> list[Json]:
    return list(shop.get("checkout-saga", f"/v1/{things}?order_id={order_id}", "admin")["items"])
