"""How the goods of a cart are shipped: by the chosen option, or by the recommended one of the destination."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import ShippingAddressRequired, ShippingOptionNotAvailable
from cart.carts.domain.totals import lines_of
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from contracts.sale import Sale
from pricing.basket import Line
from pricing.from_contracts import destination_of
from pricing.priced import Priced
from pricing.shipping import ShippingOption, ShippingRate, fallback_shipping, requires_shipping
from pricing.tax import Destination


@dataclass(frozen=True, slots=True)
class Shipment:
    """What a calculator of shipping works with. ``goods``: what all lines cost after discounts, in minor
    units of the currency, as all prices of the options."""

    lines: tuple[Line, ...]
    rates: tuple[ShippingRate, ...]
    destination: Destination
    goods: int
    currency: str


def shipment_of(cart: Cart, excerpt: CatalogueExcerpt, sale: Sale) -> Shipment:
    """Raises ShippingAddressRequired."""
    destination = destination_of(cart.destination)
    if destination is None:
        raise ShippingAddressRequired("The cart has no destination yet.")
    totals = sale.totals
    goods = totals.subtotal - totals.discount
    lines = tuple(lines_of(cart, excerpt))
    return Shipment(lines, tuple(excerpt.shipping_rates), destination, goods, cart.currency)


def is_shipped(cart: Cart, excerpt: CatalogueExcerpt) -> bool:
    return requires_shipping(lines_of(cart, excerpt))


def must_have_destination(cart: Cart, excerpt: CatalogueExcerpt) -> None:
    """Without any shipping rate, the shop ships its goods at no charge to everywhere.

    Raises ShippingAddressRequired.
    """
    if cart.destination is None and excerpt.shipping_rates and is_shipped(cart, excerpt):
        raise ShippingAddressRequired("Something in the cart is shipped, and no destination is known.")


def must_be_shippable(priced: Priced) -> None:
    """Raises ShippingOptionNotAvailable."""
    if priced.cannot_be_shipped:
        raise ShippingOptionNotAvailable("Nothing ships these goods to the destination.")


def recommend(cart: Cart, shipment: Shipment, options: tuple[ShippingOption, ...] | None) -> None:
    """Choose the recommended option unless the chosen one fits. None: the calculation failed, and the default
    rate is charged."""
    if options is None:
        charge_default(cart, shipment)
        return
    chosen = cart.shipping
    fits = chosen and not chosen.fallback and any(it.option_id == chosen.option_id for it in options)
    recommended = next((it for it in options if it.recommended), None)
    if recommended and not fits:
        cart.choose_shipping(recommended.option_id, recommended.name, automatic=True)


def choose(
    cart: Cart, option_id: UUID, shipment: Shipment, options: tuple[ShippingOption, ...] | None
) -> None:
    """Raises ShippingOptionNotAvailable."""
    if options is None:
        charge_default(cart, shipment)
        return
    option = next((it for it in options if it.option_id == option_id), None)
    if option is None:
        raise ShippingOptionNotAvailable("The goods cannot be shipped like this.")
    cart.choose_shipping(option.option_id, option.name)


def charge_default(cart: Cart, shipment: Shipment) -> None:
    default = fallback_shipping(shipment.rates, shipment.currency)
    if requires_shipping(shipment.lines):
        cart.choose_shipping(default.option_id, default.name, automatic=True, fallback=True)
