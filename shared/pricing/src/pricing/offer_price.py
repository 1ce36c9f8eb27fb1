"""The price of an offer at a moment, and its split over the products of the offer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.campaign import CampaignChange
from contracts.experiment import Changes
from contracts.offer import OfferDetails, OfferPrice
from contracts.product import Details
from pricing.allocation import allocate
from pricing.product_price import plain_price
from pricing.rounding import Mode, percent_of


@dataclass(frozen=True, slots=True)
class CurrentPrice:
    """``discount_ends_at``: when the discount that makes the price ends, if it does."""

    amount: int
    source: Literal["base", "discount", "campaign"]
    campaign_id: UUID | None = None
    discount_ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WeightedComponent:
    """A product of the offer with its weight in the split; ``list_price`` is None if it has no plain price in
    the offer's currency."""

    product_id: UUID
    quantity: int
    position: int
    list_price: int | None

    @property
    def key(self) -> tuple[int, str]:
        return self.position, str(self.product_id)

    @property
    def weight(self) -> int:
        return (self.list_price or 0) * self.quantity


def current_price(
    price: OfferPrice,
    at: datetime,
    campaigns: Iterable[tuple[UUID, CampaignChange]] = (),
    variant: Changes | None = None,
    mode: Mode = Mode.HALF_UP,
) -> CurrentPrice:
    """
    The lowest of base, discount inside its window, and the prices of the running ``campaigns``.

    These are never combined. Of equal ones the first in this order is used, then the smaller campaign id. The
    variant of an experiment replaces base and discount beforehand.
    """
    price = with_variant(price, variant)
    candidates = [CurrentPrice(price.base, "base")]
    if price.discount is not None and _is_in_window(price, at):
        candidates.append(CurrentPrice(price.discount, "discount", discount_ends_at=price.discount_ends_at))
    candidates += (
        CurrentPrice(campaign_price(price.base, change, mode), "campaign", campaign_id)
        for campaign_id, change in sorted(campaigns, key=lambda it: str(it[0]))
    )
    return min(candidates, key=lambda it: it.amount)


def with_variant(price: OfferPrice, variant: Changes | None) -> OfferPrice:
    """The offer's price with what the variant replaces of it."""
    if variant is None or variant.price is None:
        return price
    return price.model_copy(update=variant.price.model_dump(exclude_none=True))


def campaign_price(base: int, change: CampaignChange, mode: Mode) -> int:
    if change.type == "percentage":
        return base - percent_of(base, change.value, mode)
    if change.type == "fixed_amount":
        return max(0, base - int(change.value))
    return int(change.value)


def component_prices(amount: int, components: Sequence[WeightedComponent]) -> dict[UUID, int]:
    """
    Each product's part of the price of one offer, by largest remainder.

    The weights are the list prices. If there are none, the first product has the whole price.
    """
    ordered = sorted(components, key=lambda it: it.key)
    weights = {it.key: it.weight for it in ordered}
    if not any(weights.values()):
        weights = {it.key: int(it is ordered[0]) for it in ordered}
    parts = allocate(amount, weights)
    return {it.product_id: parts[it.key] for it in components}


def parts_of_offer(offer: OfferDetails, amount: int, products: Mapping[UUID, Details]) -> dict[UUID, int]:
    """The part of each required product in what one offer costs. ``products``: details, by id; one that is
    missing counts as unpriced."""
    currency = offer.price.currency
    return component_prices(
        amount,
        [
            WeightedComponent(
                it.product_id,
                it.quantity,
                it.position,
                plain_price(details, currency) if (details := products.get(it.product_id)) else None,
            )
            for it in offer.products
            if it.required
        ],
    )


def _is_in_window(price: OfferPrice, at: datetime) -> bool:
    starts, ends = price.discount_starts_at, price.discount_ends_at
    return (starts is None or starts <= at) and (ends is None or at < ends)
