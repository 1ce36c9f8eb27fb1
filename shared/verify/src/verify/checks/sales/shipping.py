"""What shipping costs by the tenant's rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verify.checks.sales.catalogue import Json
from verify.checks.sales.catalogue_at import CatalogueAt
from verify.checks.sales.sale import SHIPPING, Difference, Line, Sale


def shipping_difference(sale: Sale, lines: Sequence[Line], catalogue: CatalogueAt) -> Difference | None:
    """How the price of the sale's way of shipping differs from its rate. A sale without one is not judged:
    there may have been no way."""
    if sale.shipping is None:
        return None
    option_id, price = sale.shipping.get("option_id"), sale.shipping["price"]
    rates, needy = catalogue.shipping_rates(), [line for line in lines if line.ships]
    if not needy or sale.destination is None:
        return Difference("shipping that nothing needs, or to nowhere", SHIPPING, price)
    if sale.shipping.get("fallback"):
        expected = _default(rates, sale.currency)
    elif option_id in rates:
        goods = sum(line.gross - line.sold["discount"] for line in lines)
        expected = option_id, _price(rates[option_id], needy, goods, sale)
    else:
        return Difference("a shipping rate that there was not", SHIPPING, option_id)
    if (option_id, price) != expected:
        return Difference("the price of shipping is not its rate's", SHIPPING, price, expected[1])
    return None


def _default(rates: Mapping[str, Json], currency: str) -> tuple[str | None, int | None]:
    """The option and the price where the calculation failed."""
    for option_id, rate in rates.items():
        if rate.get("is_default") and rate["currency"] == currency:
            return option_id, rate["brackets"][0]["amount"]
    return None, 0


def _price(rate: Json, needy: Sequence[Line], goods: int, sale: Sale) -> int | None:
    """None if the rate does not fit. ``goods``: all lines after discounts."""
    place = sale.destination or {}
    classes = rate.get("shipping_classes")
    if (
        rate["currency"] != sale.currency
        or (rate.get("countries") and place.get("country") not in rate["countries"])
        or (rate.get("regions") and place.get("region") not in rate["regions"])
        or (classes and any(line.shipping_class not in classes for line in needy))
    ):
        return None
    charged = [line for line in needy if not _ships_free(line, goods)]
    if not charged or (rate.get("free_from") is not None and goods >= rate["free_from"]):
        return 0
    grams = sum((line.product.get("weight_grams") or 0) * line.units for line in charged)
    for bracket in rate["brackets"]:
        if bracket.get("up_to_grams") is None or grams <= bracket["up_to_grams"]:
            return int(bracket["amount"])
    return None


def _ships_free(line: Line, goods: int) -> bool:
    threshold = line.offer["shipping"].get("free_shipping_threshold") if line.offer else None
    return threshold is not None and goods >= threshold
