"""A change of many prices by one rule."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from contracts import price_change as facts
from contracts.price_change import PriceRule
from contracts.product import Details, Price
from kernel.domain import Aggregate
from offer.catalogue.domain.plan_products import check_price_is_own
from offer.imports.domain.prices import scope_of_tier
from pricing.rounding import Mode, divide, percent_of

MAX_AMOUNT = 10**12


class TooLarge(Exception):
    """A new price is above what prices can be."""


class Where(NamedTuple):
    """Which entries of a product change; tiers of any quantity, too."""

    currency: str
    region: str | None
    segment: str | None


class Changed(NamedTuple):
    details: Details
    old: int
    new: int
    """Of the first entry that changes."""


def new_price(old: int, rule: PriceRule, round_to: int, mode: Mode) -> int:
    """A percentage is rounded by the tenant's mode; then to the nearest multiple of ``round_to``, half up;
    never below 0."""
    match rule.type:
        case "percentage":
            exact = percent_of(old, 100 + Decimal(rule.value), mode)
        case "fixed_amount":
            exact = old + int(rule.value)
        case _:
            exact = int(rule.value)
    return divide(max(0, exact), round_to, Mode.HALF_UP) * round_to


def with_new_prices(
    details: Details, where: Where, rule: PriceRule, round_to: int, mode: Mode
) -> Changed | None:
    """None if nothing changes. Raises ``TooLarge``, and ``PlanPriceDiffers`` if a plan makes the price."""
    changes: list[tuple[int, int]] = []

    def changed(old: int) -> int:
        new = new_price(old, rule, round_to, mode)
        if new > MAX_AMOUNT:
            raise TooLarge
        if new != old:
            changes.append((old, new))
        return new

    prices = tuple(
        it.model_copy(update={"amount": changed(it.amount)}) if _scope(it) == where else it
        for it in details.prices
    )
    tiers = tuple(
        {**it, "amount": changed(it["amount"])} if scope_of_tier(it)[:3] == where else it
        for it in details.tiers
    )
    if not changes:
        return None
    check_price_is_own(details, ("prices",))
    return Changed(details.model_copy(update={"prices": prices, "tiers": tiers}), *changes[0])


def _scope(price: Price) -> Where:
    return Where(price.currency, price.region, price.segment)


class PriceChange(Aggregate):
    """A stream of one fact."""

    def initialise(self) -> None:
        """It has no state."""

    def complete(self, fact: facts.Completed) -> None:
        self.record(fact)

    def evolve(self, fact: facts.PriceChangeFact) -> None:
        """It has no state."""
