"""An offer in a cart: one line for each of its required products, and for the wanted ones of the optional."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from cart.carts.domain.errors import CurrencyNotPriced, OfferNotAvailable, ProductNotFound
from cart.carts.domain.line import Line
from cart.carts.domain.new_item import NewItem
from cart.carts.domain.prices import (
    offer_containing,
    parts_of_offer,
    price_of_part,
    price_of_product,
    units_at_own_price,
)
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.offers import KnownOffer
from contracts.offer import Component
from contracts.sale import Exposure
from pricing.product_price import PriceContext


def items_of_offer(
    offer: KnownOffer,
    quantity: int,
    include: Collection[UUID],
    lines: Collection[Line],
    excerpt: CatalogueExcerpt,
    context: PriceContext,
    exposure: Exposure | None,
) -> list[NewItem]:
    """What ``quantity`` of the offer are in a cart with these ``lines``: the required products by their
    position, then the optional ones to ``include``, at their own prices.

    Raises OfferNotAvailable, CurrencyNotPriced, ProductNotFound.
    """
    if offer.details.price.currency != context.currency:
        raise CurrencyNotPriced(f"The offer is sold in {offer.details.price.currency}.")
    parts = parts_of_offer(offer, excerpt, context, exposure)
    if parts is None:
        raise OfferNotAvailable("The offer is not on sale.", reason="PRODUCT_NOT_AVAILABLE")
    required = [
        NewItem(
            product=excerpt.products[it.product_id],
            price=price_of_part(parts, it.product_id),
            quantity=quantity,
            offer_id=offer.offer_id,
            units=it.quantity,
            experiment=exposure,
        )
        for it in components(offer, required=True)
    ]
    optional = _included(offer, include)
    return [*required, *(_optional_item(it, offer, quantity, lines, excerpt, context) for it in optional)]


def components(offer: KnownOffer, *, required: bool) -> list[Component]:
    """In the order in which they are shown."""
    wanted = (it for it in offer.details.products if it.required == required)
    return sorted(wanted, key=lambda it: (it.position, str(it.product_id)))


def lines_changed_with(line: Line, lines: Iterable[Line], excerpt: CatalogueExcerpt) -> list[Line]:
    """The lines whose quantity is this line's: all required products of its offer."""
    offer_id = offer_containing(line, excerpt)
    if offer_id is None:
        return [line]
    return [it for it in lines if offer_containing(it, excerpt) == offer_id]


def lines_removed_with(line: Line, lines: Iterable[Line], excerpt: CatalogueExcerpt) -> list[Line]:
    """The lines that go with this line: an optional product goes alone, a required one takes the whole offer
    with it."""
    offer_id = offer_containing(line, excerpt)
    if offer_id is None:
        return [line]
    return [it for it in lines if it.offer_id == offer_id and it.upsell_id is None]


def _included(offer: KnownOffer, include: Collection[UUID]) -> list[Component]:
    optional = [it for it in components(offer, required=False) if it.product_id in include]
    if len(optional) < len(include):
        raise ProductNotFound("The offer has no such optional product.")
    return optional


def _optional_item(
    component: Component,
    offer: KnownOffer,
    quantity: int,
    lines: Collection[Line],
    excerpt: CatalogueExcerpt,
    context: PriceContext,
) -> NewItem:
    """A line whose quantity counts units, because its price is that of one unit."""
    product = excerpt.products.get(component.product_id)
    if product is None or not product.is_on_sale:
        raise ProductNotFound("There is no such product for sale.")
    added = quantity * component.quantity
    units = units_at_own_price(lines, excerpt)[component.product_id] + added
    price = price_of_product(component.product_id, excerpt, context, units)
    return NewItem(product=product, price=price, quantity=added, offer_id=offer.offer_id)
