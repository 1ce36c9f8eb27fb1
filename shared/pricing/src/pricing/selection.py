"""Which of a product's prices a shopper gets."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """One of a product's prices; without region or segment it is for everyone."""

    currency: str
    amount: int
    region: str | None = None
    segment: str | None = None


def unit_price_for(
    prices: Iterable[PriceEntry], currency: str, region: str | None = None, segment: str | None = None
) -> int | None:
    """
    The price that fits best, or None where the product is not priced in this currency.

    The region is looked at first: a regional price beats the currency's, also the currency's loyalty price.
    """
    fitting = [
        price
        for price in prices
        if price.currency == currency and price.region in {None, region} and price.segment in {None, segment}
    ]
    if not fitting:
        return None
    return min(fitting, key=_most_specific_first).amount


def _most_specific_first(price: PriceEntry) -> tuple[bool, bool, int]:
    return price.region is None, price.segment is None, price.amount
