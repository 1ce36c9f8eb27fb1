"""The unit price of each line of a sale: by its product, by the offer that it is a part of, or its upsell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from verify.checks.sales.catalogue import Json
from verify.checks.sales.catalogue_at import CatalogueAt
from verify.checks.sales.exact import percent_of, rounded, split
from verify.checks.sales.product_prices import Buying, plain_price, possible_prices
from verify.checks.sales.sale import Difference, Line, Sale


def price_difference(sale: Sale, lines: Sequence[Line], catalogue: CatalogueAt) -> Difference | None:
    """The first line that was sold at another unit price than the catalogue's, if there is one."""
    country = sale.destination["country"] if sale.destination else None
    buying = Buying(sale.currency, country, catalogue.at, sale.rounding_mode)
    units = Counter[str]()
    for line in lines:
        if not line.is_part and not line.sold.get("upsell_id"):
            units[line.sold["product_id"]] += line.units
    present = {it.sold["offer_id"] for it in lines if it.offer}
    for line in lines:
        if line.offer and line.is_part:
            prices = _of_part(line.sold, line.offer, buying, catalogue)
        elif line.sold.get("upsell_id"):
            prices = _of_upsell(line, present, buying, catalogue)
        else:
            prices = possible_prices(line.product, buying, units[line.sold["product_id"]])
        if line.sold["unit_price"] not in prices:
            wrong = "the unit price is not the catalogue's"
            return Difference(wrong, line.line_id, line.sold["unit_price"], sorted(prices))
    return next(filter(None, (_of_campaign(it, catalogue) for it in lines)), None)


def _of_part(sold: Json, offer: Json, buying: Buying, catalogue: CatalogueAt) -> set[int]:
    if offer["price"]["currency"] != buying.currency:
        return set()
    price = {**offer["price"], **catalogue.variant(sold["offer_id"], sold.get("experiment"))}
    base = price["base"]
    candidates = [base]
    if price.get("discount") is not None and catalogue.is_in_window(price, "discount_"):
        candidates.append(price["discount"])
    changes = catalogue.campaigns_on(sold["offer_id"])
    candidates += (_campaign_price(base, it, buying.mode) for it in changes)
    return {_part(sold["product_id"], offer, min(candidates), catalogue)}


def _campaign_price(base: int, change: Json, mode: str) -> int:
    match change["type"]:
        case "percentage":
            return base - rounded(percent_of(base, change["value"]), mode)
        case "fixed_amount":
            return max(0, base - int(change["value"]))
        case _:
            return int(change["value"])


def _part(product_id: str, offer: Json, price: int, catalogue: CatalogueAt) -> int:
    """What the product has of the offer's price: weights are plain prices, the first has all without any."""
    required = [it for it in offer["products"] if it.get("required", True)]
    required.sort(key=lambda it: (it["position"], it["product_id"]))
    weights = []
    for it in required:
        product = catalogue.product(it["product_id"])
        plain = plain_price(product, offer["price"]["currency"]) if product else None
        weights.append((plain or 0) * it.get("quantity", 1))
    if not any(weights):
        weights[0] = 1
    parts = split(price, zip((it["product_id"] for it in required), weights, strict=True))
    return parts.get(product_id, 0)


def _of_upsell(line: Line, present: set[str], buying: Buying, catalogue: CatalogueAt) -> set[int]:
    """Without its offer, an upsell costs what its product does."""
    prices = possible_prices(line.product, buying, 1)
    upsell = catalogue.upsell(line.sold["upsell_id"])
    if upsell is None:
        return set()
    if upsell["offer_id"] not in present:
        return prices
    return set() if upsell["removed"] else {_reduced(it, upsell["discount"], buying.mode) for it in prices}


def _reduced(price: int, reduction: Json, mode: str) -> int:
    if reduction["type"] == "percentage":
        return price - rounded(percent_of(price, reduction["value"]), mode)
    return max(0, price - int(reduction["value"]))


def _of_campaign(line: Line, catalogue: CatalogueAt) -> Difference | None:
    """A campaign's price is an offer's; what it saves is what the price was lowered by. Carts may learn of a
    new base price later, so that each that the offer has had is accepted."""
    sold, campaign_id = line.sold, line.sold.get("campaign_id")
    if not campaign_id:
        return None
    details = catalogue.campaign(campaign_id)
    if details is None or not details.get("change"):
        return Difference("sold by a campaign that changes no price", line.line_id, campaign_id)
    if line.offer is None or "campaign_saving" not in sold:
        return None
    replaced = catalogue.variant(sold["offer_id"], sold.get("experiment"))
    part = partial(_part, sold["product_id"], line.offer, catalogue=catalogue)
    bases = {it["price"]["base"] for it in catalogue.offers(sold["offer_id"])}
    bases = {replaced["base"]} if replaced.get("base") is not None else bases
    savings = {max(0, part(base) - sold["unit_price"]) * sold["quantity"] for base in bases}
    if sold["campaign_saving"] in savings:
        return None
    wrong = "a campaign's saving is not what its price is lower by"
    return Difference(wrong, line.line_id, sold["campaign_saving"], sorted(savings))
