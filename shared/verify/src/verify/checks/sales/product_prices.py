"""What one unit of a product costs by its prices, tiers and dynamic rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, time
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from verify.checks.sales.catalogue import Json
from verify.checks.sales.exact import percent_of, rounded

MOST_SEGMENTS = 6
"""A product may name more; then only single ones, and all of them together, are tried."""


class Buying(NamedTuple):
    """What a product's price depends on, beside the customer. ``country``: None if it is unknown."""

    currency: str
    country: str | None
    at: datetime
    mode: str


def possible_prices(product: Json, buying: Buying, units: int) -> set[int]:
    """The prices for all customers that there can be: to which segments the buyer belonged stands in no fact
    that is copied."""
    prices = (_price(product, buying, units, segments) for segments in _memberships(product))
    return {it for it in prices if it is not None}


def plain_price(product: Json, currency: str) -> int | None:
    """For all regions and segments."""
    plain = [
        it["amount"]
        for it in product.get("prices") or ()
        if it["currency"] == currency and not it.get("region") and not it.get("segment")
    ]
    return min(plain, default=None)


def _memberships(product: Json) -> Iterator[Collection[str]]:
    entries = [*(product.get("prices") or ()), *(product.get("tiers") or ())]
    named = {it["segment"] for it in entries if it.get("segment")}
    for rule in (product.get("dynamic") or {}).get("rules", ()):
        named.update(rule.get("when", {}).get("segments") or ())
    sizes = range(len(named) + 1) if len(named) <= MOST_SEGMENTS else (0, 1, len(named))
    for size in sizes:
        yield from combinations(sorted(named), size)


def _price(product: Json, buying: Buying, units: int, segments: Collection[str]) -> int | None:
    candidates = [
        (entry.get("region") is not None, entry.get("segment") is not None, least, -entry["amount"])
        for entry in (*(product.get("prices") or ()), *(product.get("tiers") or ()))
        if entry["currency"] == buying.currency
        and entry.get("region") in {None, buying.country}
        and (entry.get("segment") is None or entry["segment"] in segments)
        and (least := entry.get("min_quantity", 1)) <= units
    ]
    if not candidates:
        return None
    price = -max(candidates)[-1]
    dynamic = product.get("dynamic")
    return _dynamic(price, dynamic, buying, units, segments) if dynamic else price


def _dynamic(price: int, dynamic: Json, buying: Buying, units: int, segments: Collection[str]) -> int:
    for rule in dynamic.get("rules", ()):
        if _holds(rule.get("when", {}), buying.at, units, segments):
            if rule.get("percent") is None:
                price += rule.get("amount") or 0
            else:
                percent = Fraction(rule["percent"])
                change = rounded(percent_of(price, str(abs(percent))), buying.mode)
                price += change if percent > 0 else -change
            break
    ceiling = (dynamic.get("ceiling") or {}).get(buying.currency, price)
    return int(max(min(price, ceiling), (dynamic.get("floor") or {}).get(buying.currency, 0)))


def _holds(when: Json, at: datetime, units: int, segments: Collection[str]) -> bool:
    starts, ends = when.get("starts_at"), when.get("ends_at")
    return (
        (not when.get("segments") or not set(when["segments"]).isdisjoint(segments))
        and units >= (when.get("min_quantity") or 1)
        and (not when.get("days") or at.isoweekday() in when["days"])
        and _is_in_hours(when.get("from_time") or "00:00", when.get("to_time") or "24:00", at.time())
        and (not starts or datetime.fromisoformat(starts) <= at)
        and (not ends or at < datetime.fromisoformat(ends))
    )


def _is_in_hours(first: str, last: str, now: time) -> bool:
    """Hours whose end is before their start go over midnight."""
    clock = now.strftime("%H:%M")
    return first <= clock < last if first <= last else clock >= first or clock < last
