"""Random carts of the pricing oracle as what is recorded of them: the catalogue's facts, and the sale."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from random import Random
from typing import Any, TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

from contracts.envelope import Part
from tests.unit.pricing.oracle.carts import Cart, Data, draw_cart
from tests.unit.pricing.oracle.comparison import details_of, offer_details, sale_by_pricing, terms_of

Recorded: TypeAlias = tuple[str, str, Data]
"""Stream, type, body."""
IDS = "00000000-0000-0000-0000-"
CONTROL = str(UUID(int=1))


def cart_of(seed: int) -> Cart:
    """A cart that shares no id with those of other seeds.

    As in a shop, its upsells are those of one of its offers, what has the same id is the same thing, and
    nothing ships to nowhere.
    """
    drawn = json.dumps(asdict(draw_cart(Random(seed))), default=datetime.isoformat)
    data: Data = json.loads(drawn.replace(IDS, f"{seed:08x}-0000-0000-0000-"))
    place = data["destination"]
    cart = Cart(
        **{**data, "at": datetime.fromisoformat(data["at"]), "destination": tuple(place) if place else None}
    )
    cart.ships = cart.ships and cart.destination is not None
    upsells: dict[str, Data] = {}
    for position in cart.positions:
        for campaign in position.get("campaigns", ()):
            campaign["campaign_id"] = str(uuid5(UUID(position["offer_id"]), campaign["campaign_id"]))
        if position["kind"] == "upsell":
            first = upsells.setdefault(position["upsell_id"], position)
            position |= {name: first[name] for name in ("product", "reduction")}
    if not _offers(cart):
        for position in cart.positions:
            position["kind"] = "product"
    return cart


def sale_of(cart: Cart) -> Data | None:
    """The sale as it is recorded; None if a product is not priced. Its lines do not say what campaigns save,
    like those of older sales: the oracle does not know it."""
    sale = sale_by_pricing(cart)
    if sale is None:
        return None
    body: Data = _json(sale)
    exposures = {
        it["line_id"]: _exposure(position)
        for position in _offers(cart)
        for it in position["components"]
        if position["variant"]
    }
    for line in body["lines"]:
        del line["campaign_saving"]
        if exposure := exposures.get(line["line_id"]):
            line["experiment"] = exposure
    return body


def facts_of(cart: Cart) -> Iterator[Recorded]:
    """The catalogue of the cart."""
    tenant = str(uuid5(NAMESPACE_OID, repr(cart)))
    for product in {it["product_id"]: it for it in _products(cart)}.values():
        yield product["product_id"], "product.created", {"details": _json(details_of(product))}
        yield product["product_id"], "product.activated", {}
    for position in _offers(cart):
        yield from _offer_facts(position)
    for position in cart.positions:
        if position["kind"] == "upsell":
            details = {"product_id": position["product"]["product_id"], "discount": position["reduction"]}
            body = {"offer_id": _offers(cart)[0]["offer_id"], "details": details}
            yield position["upsell_id"], "upsell.created", body
    for promotion in cart.promotions:
        yield promotion["promotion_id"], "promotion.created", {"terms": _json(terms_of(promotion))}
    for rate in cart.taxes:
        yield f"{tenant}-taxes", "tax_rate.set", {key: it for key, it in rate.items() if it is not None}
    for rate in cart.rates:
        yield f"{tenant}-rates", "shipping_rate.set", {"rate_id": rate["rate_id"], "details": rate}


def _offer_facts(position: Data) -> Iterator[Recorded]:
    offer_id = position["offer_id"]
    yield offer_id, "offer.created", {"details": _json(offer_details(position))}
    yield offer_id, "offer.published", {}
    for campaign in position["campaigns"]:
        details = {"change": campaign["change"], "offer_ids": [offer_id]}
        yield campaign["campaign_id"], "campaign.created", {"details": details}
        yield campaign["campaign_id"], "campaign.started", {}
    if position["variant"]:
        exposure = _exposure(position)
        variants = [
            {"variant_id": CONTROL},
            {"variant_id": exposure["variant_id"], "changes": {"price": position["variant"]}},
        ]
        body = {"offer_id": offer_id, "details": {"variants": variants}}
        yield exposure["experiment_id"], "experiment.created", body
        yield exposure["experiment_id"], "experiment.started", {"offer_id": offer_id}


def _exposure(position: Data) -> Data:
    of = UUID(position["offer_id"])
    return {name: str(uuid5(of, name)) for name in ("experiment_id", "variant_id", "exposure_id")}


def _offers(cart: Cart) -> list[Data]:
    return [it for it in cart.positions if it["kind"] == "offer"]


def _products(cart: Cart) -> Iterator[Data]:
    for position in cart.positions:
        parts = position["components"] if position["kind"] == "offer" else [position]
        yield from (it["product"] for it in parts)


def _json(part: Part) -> Any:
    return json.loads(part.model_dump_json(exclude_none=True))
