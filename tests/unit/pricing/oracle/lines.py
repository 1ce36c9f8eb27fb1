"""The lines of a cart with their unit prices: sections "which price", "current price", "in a cart"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tests.unit.pricing.oracle.arithmetic import rounded, share, split
from tests.unit.pricing.oracle.carts import Cart, Data


@dataclass
class Line:
    line_id: str
    product: Data
    quantity: int
    unit_price: int
    units: int = 1
    upsell_id: str | None = None
    offer: Data | None = None

    @property
    def needs_shipping(self) -> bool:
        return bool(self.offer["shipping"]["requires_shipping"] if self.offer else self.product["physical"])

    @property
    def shipping_class(self) -> str | None:
        found = self.offer["shipping"]["shipping_class"] if self.offer else self.product["shipping_class"]
        return None if found is None else str(found)


class NotPriced(Exception):
    """A product has no price in the currency."""


def lines_of(cart: Cart) -> list[Line]:
    lines: list[Line] = []
    bought: dict[str, int] = {}
    for position in cart.positions:
        if position["kind"] == "product":
            key = position["product"]["product_id"]
            bought[key] = bought.get(key, 0) + position["quantity"]
    for position in cart.positions:
        if position["kind"] == "offer":
            lines += _lines_of_offer(position, cart)
            continue
        product = position["product"]
        if position["kind"] == "product":
            price, upsell_id = _product(product, cart, bought[product["product_id"]]), None
        else:
            price, upsell_id = _upsell(position, cart), position["upsell_id"]
        lines.append(Line(position["line_id"], product, position["quantity"], price, upsell_id=upsell_id))
    return lines


def _product(product: Data, cart: Cart, units: int) -> int:
    country = cart.destination[0] if cart.destination else None
    candidates = [{"min_quantity": 1, **entry} for entry in product["prices"]] + product["tiers"]
    candidates = [
        entry
        for entry in candidates
        if entry["currency"] == cart.currency
        and (entry.get("region") is None or entry["region"] == country)
        and (entry.get("segment") is None or entry["segment"] in cart.segments)
        and entry["min_quantity"] <= units
    ]
    if not candidates:
        raise NotPriced
    for scope in ("region", "segment"):
        scoped = [entry for entry in candidates if entry.get(scope) is not None]
        candidates = scoped or candidates
    highest = max(entry["min_quantity"] for entry in candidates)
    price = int(min(entry["amount"] for entry in candidates if entry["min_quantity"] == highest))
    return _dynamic(price, product["dynamic"], cart, units) if product["dynamic"] else price


def _dynamic(price: int, dynamic: Data, cart: Cart, units: int) -> int:
    for rule in dynamic["rules"]:
        if _holds(rule["when"], cart, units):
            if "amount" in rule:
                price += rule["amount"]
            else:
                change = rounded(share(price, rule["percent"].lstrip("-")), cart.rounding_mode)
                price += -change if rule["percent"].startswith("-") else change
            break
    if dynamic["ceiling"] and cart.currency in dynamic["ceiling"]:
        price = min(price, dynamic["ceiling"][cart.currency])
    return int(max(price, (dynamic["floor"] or {}).get(cart.currency, 0)))


def _holds(when: Data, cart: Cart, units: int) -> bool:
    clock = cart.at.strftime("%H:%M")
    return (
        ("segments" not in when or any(segment in cart.segments for segment in when["segments"]))
        and units >= when.get("min_quantity", 1)
        and ("days" not in when or cart.at.weekday() + 1 in when["days"])
        and when.get("from_time", "00:00") <= clock < when.get("to_time", "24:00")
        and ("ends_at" not in when or cart.at < datetime.fromisoformat(when["ends_at"]))
    )


def _upsell(position: Data, cart: Cart) -> int:
    price, reduction = _product(position["product"], cart, 1), position["reduction"]
    if reduction["type"] == "percentage":
        return price - rounded(share(price, reduction["value"]), cart.rounding_mode)
    return price - min(price, int(reduction["value"]))


def _lines_of_offer(position: Data, cart: Cart) -> list[Line]:
    price, _ = offer_price(position, cart)
    components = sorted(position["components"], key=lambda it: (it["position"], it["product"]["product_id"]))
    weights = [_plain(it["product"], cart.currency) * it["quantity"] for it in components]
    if not sum(weights):
        weights[0] = 1
    parts = split(price, zip((it["line_id"] for it in components), weights, strict=True))
    return [
        Line(
            it["line_id"],
            it["product"],
            position["quantity"],
            parts[it["line_id"]],
            units=it["quantity"],
            offer=position,
        )
        for it in components
    ]


def offer_price(position: Data, cart: Cart) -> tuple[int, str]:
    """The price of one offer, and which candidate it is."""
    price = {**position["price"], **(position["variant"] or {})}
    base = price["base"]
    candidates = [(base, "base")]
    starts, ends = price.get("discount_starts_at"), price.get("discount_ends_at")
    if "discount" in price and (not starts or starts <= cart.at) and (not ends or cart.at < ends):
        candidates.append((price["discount"], "discount"))
    for campaign in sorted(position["campaigns"], key=lambda it: it["campaign_id"]):
        kind, value = campaign["change"]["type"], campaign["change"]["value"]
        if kind == "percentage":
            changed = base - rounded(share(base, value), cart.rounding_mode)
        else:
            changed = int(value) if kind == "set_price" else max(0, base - int(value))
        candidates.append((changed, campaign["campaign_id"]))
    lowest = min(amount for amount, _ in candidates)
    return next(it for it in candidates if it[0] == lowest)


def _plain(product: Data, currency: str) -> int:
    plain = [
        it["amount"]
        for it in product["prices"]
        if it["currency"] == currency and it.get("region") is None and it.get("segment") is None
    ]
    return int(min(plain, default=0))
