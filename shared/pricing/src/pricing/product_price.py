"""The price of one unit of a product: its prices, tiers and dynamic rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from contracts.product import Details, DynamicRule
from pricing.rounding import Mode, percent_of

MINUTES_OF_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class PriceContext:
    """What a product's price depends on, beside the quantity. ``country`` and ``segments`` are those of the
    destination and the customer, as far as they are known."""

    currency: str
    country: str | None
    segments: frozenset[str]
    at: datetime
    mode: Mode = Mode.HALF_UP


class PriceEntry(NamedTuple):
    """One of a product's prices; without region or segment it is for all."""

    currency: str
    amount: int
    region: str | None = None
    segment: str | None = None
    min_quantity: int = 1

    def __str__(self) -> str:
        name = "list price" if self.min_quantity == 1 else f"tier from {self.min_quantity}"
        region = f" in {self.region}" if self.region is not None else ""
        segment = f" for {self.segment}" if self.segment is not None else ""
        return f"{name}{region}{segment} {self.amount}"


@dataclass(frozen=True, slots=True)
class ProductPrice:
    """``amount`` is for one unit. ``rule``: the number of the dynamic rule that changed it, from 1; ``held``:
    whether it is the floor or the ceiling of a dynamic price."""

    amount: int
    entry: PriceEntry
    rule: int | None = None
    held: bool = False

    @property
    def source(self) -> str:
        """The entry and the rule that gave the price, for the derivation."""
        changed = f", changed by rule {self.rule}" if self.rule else ""
        held = f", held at {self.amount}" if self.held else ""
        return f"{self.entry}{changed}{held}"


def product_price(
    details: Details, context: PriceContext, units: int = 1, parent: Details | None = None
) -> ProductPrice | None:
    """
    The price of one unit where ``units`` are bought, or None if the product is not priced for this context.

    The most specific price is used: a region takes precedence over a segment, a segment over a tier, a higher
    tier over a lower one. Of equally specific ones the cheapest is used.
    """
    details = with_parent(details, parent)
    candidates = [it for it in _entries(details) if _fits(it, context, units)]
    if not candidates:
        return None
    entry = max(candidates, key=_specificity)
    return _changed_by_rules(details, entry, context, units)


def plain_price(details: Details, currency: str, parent: Details | None = None) -> int | None:
    """The list price for all regions and segments; None if there is none in the currency."""
    prices = with_parent(details, parent).prices
    plain = [
        it.amount for it in prices if it.currency == currency and it.region is None and it.segment is None
    ]
    return min(plain, default=None)


def with_parent(details: Details, parent: Details | None) -> Details:
    """The details of a variant, completed by those of its parent: each of these fields that is empty."""
    if parent is None:
        return details
    inherited: dict[str, Any] = {
        name: getattr(parent, name)
        for name in ("prices", "tiers", "category", "collections", "tax_category", "type", "asset")
        if not getattr(details, name)
    }
    if "prices" in inherited and details.dynamic is None:
        inherited["dynamic"] = parent.dynamic
    return details.model_copy(update=inherited)


def _entries(details: Details) -> Iterator[PriceEntry]:
    for price in details.prices:
        yield PriceEntry(price.currency, price.amount, price.region, price.segment)
    for tier in details.tiers:
        yield PriceEntry(
            tier["currency"], tier["amount"], tier.get("region"), tier.get("segment"), tier["min_quantity"]
        )


def _fits(entry: PriceEntry, context: PriceContext, units: int) -> bool:
    return (
        entry.currency == context.currency
        and entry.region in {None, context.country}
        and (entry.segment is None or entry.segment in context.segments)
        and entry.min_quantity <= units
    )


def _specificity(entry: PriceEntry) -> tuple[bool, bool, int, int]:
    return entry.region is not None, entry.segment is not None, entry.min_quantity, -entry.amount


def _changed_by_rules(details: Details, entry: PriceEntry, context: PriceContext, units: int) -> ProductPrice:
    """The first dynamic rule that holds changes the price, which always stays between floor and ceiling."""
    dynamic = details.dynamic
    if dynamic is None:
        return ProductPrice(entry.amount, entry)
    holding = ((number, it) for number, it in enumerate(dynamic.rules, 1) if _holds(it.when, context, units))
    number, rule = next(holding, (None, None))
    changed = entry.amount if rule is None else _changed(entry.amount, rule, context.mode)
    floor = (dynamic.floor or {}).get(context.currency, 0)
    ceiling = (dynamic.ceiling or {}).get(context.currency, changed)
    amount = max(floor, min(changed, ceiling))
    return ProductPrice(amount, entry, number, held=amount != changed)


def _changed(amount: int, rule: DynamicRule, mode: Mode) -> int:
    if rule.percent is None:
        return amount + (rule.amount or 0)
    percent = Decimal(rule.percent)
    change = percent_of(amount, abs(percent), mode)
    return amount - change if percent < 0 else amount + change


def _holds(when: dict[str, Any], context: PriceContext, units: int) -> bool:
    segments: Sequence[str] | None = when.get("segments")
    days: Sequence[int] | None = when.get("days")
    return (
        (not segments or not context.segments.isdisjoint(segments))
        and units >= (when.get("min_quantity") or 1)
        and (not days or context.at.isoweekday() in days)
        and _is_in_hours(when.get("from_time"), when.get("to_time"), context.at)
        and _is_in_window(when.get("starts_at"), when.get("ends_at"), context.at)
    )


def _is_in_hours(start: str | None, end: str | None, at: datetime) -> bool:
    """Hours whose end is before their start go over midnight."""
    minute = at.hour * 60 + at.minute
    first = _minute(start) if start else 0
    last = _minute(end) if end else MINUTES_OF_A_DAY
    if first <= last:
        return first <= minute < last
    return minute >= first or minute < last


def _minute(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _is_in_window(start: str | datetime | None, end: str | datetime | None, at: datetime) -> bool:
    return (start is None or _instant(start) <= at) and (end is None or at < _instant(end))


def _instant(time: str | datetime) -> datetime:
    return time if isinstance(time, datetime) else datetime.fromisoformat(time)
