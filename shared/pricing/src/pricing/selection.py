"""Selection among a product's prices."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """One of a product's prices; without region or segment it is for all."""

    currency: str
    amount: int
    region: str | None = None
    segment: str | None = None


def unit_price_for(
    prices: Iterable[PriceEntry], currency: str, region: str | None = None, segment: str | None = None
) -> int | None:
    """
    The most specific price, or None if the product is not priced in this currency.

    The region takes precedence over the segment: a regional price is used even if there is a price for the
    segment in all regions.
    """
    candidates = [
        price
        for price in prices
        if price.currency == currency and price.region in {None, region} and price.segment in {None, segment}
    ]
    if not candidates:
        return None
    return min(candidates, key=_most_specific_first).amount


def _most_specific_first(price: PriceEntry) -> tuple[bool, bool, int]:
    return price.region is None, price.segment is None, price.amount
