"""What a shopper decides about shipping: the destination and the option."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import DESTINATION
from cart.carts.domain.shipping import Shipment, choose, is_shipped, recommend, shipment_of
from cart.carts.domain.totals import calculate_totals
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_repriced_cart,
    priced_after_write,
    record_prices,
)
from cart.carts.use_cases.shopping import show_cart
from cart.catalogue.domain.excerpt import Catalogue
from contracts.sale import Destination
from kernel.unit_of_work import UnitOfWork
from pricing.shipping import ShippingOption, fallback_shipping


class ShippingCalculator(Protocol):
    async def options(self, shipment: Shipment) -> tuple[ShippingOption, ...] | None:
        """The options with their prices, among them the recommended one. None if the calculation fails or
        takes too long."""


@dataclass(frozen=True, slots=True)
class SetDestination:
    cart_id: UUID
    destination: Destination


async def set_destination(
    command: SetDestination, work: UnitOfWork, catalogue: Catalogue, calculator: ShippingCalculator
) -> PricedCart:
    """Set where the goods go to, which decides on prices and taxes; the recommended option is chosen unless
    the chosen one fits."""
    cart, excerpt = await open_repriced_cart(command.cart_id, work, catalogue)
    cart.set_destination(command.destination)
    record_prices(cart, excerpt, work, DESTINATION)
    sale = calculate_totals(cart, excerpt, work.now).sale
    shipment = shipment_of(cart, excerpt, sale)
    recommend(cart, shipment, await calculator.options(shipment))
    return priced_after_write(cart, excerpt, work, DESTINATION)


@dataclass(frozen=True, slots=True)
class ChooseOption:
    cart_id: UUID
    option_id: UUID


async def choose_option(
    command: ChooseOption, work: UnitOfWork, catalogue: Catalogue, calculator: ShippingCalculator
) -> PricedCart:
    """Choose how the goods are shipped. Raises ShippingAddressRequired, ShippingOptionNotAvailable."""
    cart, excerpt = await open_repriced_cart(command.cart_id, work, catalogue)
    shipment = shipment_of(cart, excerpt, calculate_totals(cart, excerpt, work.now).sale)
    choose(cart, command.option_id, shipment, await calculator.options(shipment))
    return priced_after_write(cart, excerpt, work)


class OfferedShipping(NamedTuple):
    """``required``: something in the cart is shipped. ``is_fallback``: the calculation failed, and the only
    option is the default rate."""

    cart: Cart
    required: bool
    options: tuple[ShippingOption, ...]
    is_fallback: bool = False

    @property
    def version(self) -> int:
        return self.cart.version


async def show_options(
    cart_id: UUID, work: UnitOfWork, catalogue: Catalogue, calculator: ShippingCalculator
) -> OfferedShipping:
    """The options for the cart's destination; none while it is unknown. Raises CartNotFound."""
    priced = await show_cart(cart_id, work, catalogue)
    cart, excerpt = priced.cart, priced.excerpt
    required = is_shipped(cart, excerpt)
    if not required or cart.destination is None:
        return OfferedShipping(cart, required, ())
    shipment = shipment_of(cart, excerpt, priced.sale)
    options = await calculator.options(shipment)
    if options is not None:
        return OfferedShipping(cart, required, options)
    default = fallback_shipping(shipment.rates, shipment.currency)
    if default.option_id is None:
        return OfferedShipping(cart, required, (), is_fallback=True)
    only = ShippingOption(default.option_id, default.name, default.price, None, None, recommended=True)
    return OfferedShipping(cart, required, (only,), is_fallback=True)
