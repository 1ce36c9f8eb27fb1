"""What one unit of each line of a cart costs now: by the product, by the offer that it is a part of, or by
the upsell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cart.carts.domain.cart_state import CartState
from cart.carts.domain.line import Line
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.offers import ACTIVE, KnownOffer, KnownUpsell
from contracts.experiment import Changes
from contracts.sale import Exposure
from pricing import offer_price
from pricing.offer_price import CurrentPrice, current_price, with_variant
from pricing.product_price import PriceContext, ProductPrice
from pricing.rounding import Mode
from pricing.upsell_price import upsell_price

NO_SEGMENTS: frozenset[str] = frozenset()


PRODUCT, OFFER, UPSELL = "product", "offer", "upsell"
"""What a line's price is taken from."""


class UnitPrice(NamedTuple):
    """``found``: where the amount comes from. ``parent_removed``: it is the product's own price, because the
    offer of the line's upsell has left the cart."""

    amount: int
    found: ProductPrice | str
    campaign_id: UUID | None = None
    parent_removed: bool = False

    @property
    def source(self) -> str:
        """Where the amount comes from, for the derivation."""
        return self.found if isinstance(self.found, str) else self.found.source


@dataclass(frozen=True, slots=True)
class OfferParts:
    """An offer's current price, and what one unit of each of its required products has of it."""

    price: CurrentPrice
    by_product: Mapping[UUID, int]


def context_of(
    cart: CartState, excerpt: CatalogueExcerpt, now: datetime, buyer: str | None = None
) -> PriceContext:
    """``buyer``: the customer of a cart that has none yet."""
    customer = excerpt.customer(cart.customer_id or buyer)
    segments = customer.segments if customer else NO_SEGMENTS
    return PriceContext(cart.currency, cart.country, segments, now, excerpt.policy.mode)


def current_prices(
    cart: CartState, excerpt: CatalogueExcerpt, now: datetime, buyer: str | None = None
) -> dict[UUID, UnitPrice | None]:
    """By line; None for what is not sold any more, or not in this currency."""
    context = context_of(cart, excerpt, now, buyer)
    lines = cart.lines.values()
    offered = offers_in(cart)
    units: Counter[UUID] | None = None
    parts: dict[tuple[UUID, Exposure | None], OfferParts | None] = {}
    prices: dict[UUID, UnitPrice | None] = {}
    for line in lines:
        if line.upsell_id is not None:
            upsell = excerpt.upsells.get(line.upsell_id)
            is_offered = upsell is not None and upsell.offer_id in offered
            prices[line.item_id] = price_of_upsell(
                upsell, excerpt, context, is_offered=is_offered, product_id=line.product_id
            )
        elif (offer_id := offer_containing(line, excerpt)) is not None:
            key = offer_id, line.experiment
            if key not in parts:
                offer = excerpt.offers.get(offer_id)
                parts[key] = parts_of_offer(offer, excerpt, context, line.experiment) if offer else None
            prices[line.item_id] = price_of_part(parts[key], line.product_id)
        elif not excerpt.depends_on_quantity(line.product_id):
            prices[line.item_id] = price_of_product(line.product_id, excerpt, context)
        else:
            units = units or units_at_own_price(lines, excerpt)
            prices[line.item_id] = price_of_product(line.product_id, excerpt, context, units[line.product_id])
    return prices


def offers_in(cart: CartState) -> set[UUID]:
    lines = cart.lines.values()
    return {line.offer_id for line in lines if line.offer_id is not None and line.upsell_id is None}


def source_of(line: Line, cart: CartState, excerpt: CatalogueExcerpt) -> str:
    """Beside its offer, an upsell has its own price; without it, the product's."""
    if line.upsell_id is not None:
        upsell = excerpt.upsells.get(line.upsell_id)
        return UPSELL if upsell is None or upsell.offer_id in offers_in(cart) else PRODUCT
    return PRODUCT if offer_containing(line, excerpt) is None else OFFER


def units_at_own_price(lines: Iterable[Line], excerpt: CatalogueExcerpt) -> Counter[UUID]:
    """The units of each product that count for its tiers."""
    units: Counter[UUID] = Counter()
    for line in lines:
        if line.upsell_id is None and offer_containing(line, excerpt) is None:
            units[line.product_id] += line.quantity * line.units
    return units


def offer_containing(line: Line, excerpt: CatalogueExcerpt) -> UUID | None:
    """The offer whose price contains the line; none for an offer's optional products, and for upsells."""
    if line.offer_id is None or line.upsell_id is not None:
        return None
    offer = excerpt.offers.get(line.offer_id)
    if offer and any(it.product_id == line.product_id and not it.required for it in offer.details.products):
        return None
    return line.offer_id


def price_of_product(
    product_id: UUID, excerpt: CatalogueExcerpt, context: PriceContext, units: int = 1
) -> UnitPrice | None:
    price = excerpt.product_price(product_id, context, units)
    return None if price is None else UnitPrice(price.amount, price)


def parts_of_offer(
    offer: KnownOffer, excerpt: CatalogueExcerpt, context: PriceContext, exposure: Exposure | None = None
) -> OfferParts | None:
    """None if the offer is not for sale, or not in this currency."""
    products = (excerpt.products.get(it.product_id) for it in offer.details.products if it.required)
    if not offer.is_published or offer.details.price.currency != context.currency:
        return None
    if not all(it is not None and it.is_on_sale for it in products):
        return None
    current = price_of_offer(offer, context.at, context.mode, exposure)
    return OfferParts(current, _shares(offer, current.amount, excerpt))


def _shares(offer: KnownOffer, amount: int, excerpt: CatalogueExcerpt) -> Mapping[UUID, int]:
    """What one unit of each required product has of what the offer costs."""
    found = {
        it.product_id: excerpt.products.get(it.product_id) for it in offer.details.products if it.required
    }
    known = {key: product.details for key, product in found.items() if product}
    return offer_price.parts_of_offer(offer.details, amount, known)


def campaign_saving(line: Line, unit_price: int, excerpt: CatalogueExcerpt) -> int:
    """What a campaign's unit price takes off the line, for its quantity: its budget pays for that."""
    offer_id = offer_containing(line, excerpt)
    offer = excerpt.offers.get(offer_id) if offer_id is not None else None
    if offer is None:
        return 0
    base = with_variant(offer.details.price, changes_for(offer, line.experiment)).base
    parts = _shares(offer, base, excerpt)
    return max(0, parts.get(line.product_id, 0) - unit_price) * line.quantity


def price_of_offer(
    offer: KnownOffer, at: datetime, mode: Mode, exposure: Exposure | None = None
) -> CurrentPrice:
    running = (
        (it.campaign_id, it.details.change)
        for it in offer.campaigns
        if it.details.change is not None and it.runs_at(at)
    )
    return current_price(offer.details.price, at, running, changes_for(offer, exposure), mode)


def changes_for(offer: KnownOffer, exposure: Exposure | None) -> Changes | None:
    """What the experiment on the offer changes for a line with this exposure."""
    return offer.experiment.changes_for(exposure) if offer.experiment else None


def price_of_part(parts: OfferParts | None, product_id: UUID) -> UnitPrice | None:
    amount = None if parts is None else parts.by_product.get(product_id)
    if parts is None or amount is None:
        return None
    source = f"part of the offer at {parts.price.amount} ({parts.price.source})"
    return UnitPrice(amount, source, parts.price.campaign_id)


def price_of_upsell(
    upsell: KnownUpsell | None,
    excerpt: CatalogueExcerpt,
    context: PriceContext,
    *,
    is_offered: bool,
    product_id: UUID | None = None,
) -> UnitPrice | None:
    """``is_offered``: the upsell's offer is in the cart. ``product_id``: of a line, which keeps its product
    when the upsell gets another one."""
    if upsell is None:
        return None
    own = price_of_product(product_id or upsell.details.product_id, excerpt, context)
    if own is None or not is_offered:
        return own and UnitPrice(own.amount, own.found, parent_removed=True)
    if upsell.status != ACTIVE:
        return None
    amount = upsell_price(upsell.details.discount, own.amount, context.mode)
    return UnitPrice(amount, f"upsell of {own.source}")
