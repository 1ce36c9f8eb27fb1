"""The routes of a cart's shipping."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fastapi import Response

from cart.carts.domain.errors import (
    CartNotActive,
    CartNotFound,
    ShippingAddressRequired,
    ShippingOptionNotAvailable,
)
from cart.carts.schemas.requests import ShippingAddress, ShippingOptionChoice
from cart.carts.schemas.shipping import ShippingOptionsView, show_offered
from cart.carts.schemas.views import CartView
from cart.carts.use_cases import shipping
from cart.carts.use_cases.shipping import ChooseOption, SetDestination, ShippingCalculator
from cart.carts.writing import Writer
from cart.catalogue.domain.excerpt import Catalogue
from contracts.roles import READERS, SHOPPERS
from contracts.sale import Destination
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import show
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


@dataclass(frozen=True, slots=True)
class _Handlers:
    writer: Writer
    catalogue: Catalogue
    calculator: ShippingCalculator

    async def put_shipping_address(self, cart_id: PathId, body: ShippingAddress, write: Write) -> Response:
        """Set the destination of the goods, which decides on prices and taxes. The recommended option is
        chosen, unless one that fits is chosen already."""
        command = SetDestination(cart_id, Destination(country=body.country, region=body.region))
        change = partial(shipping.set_destination, command, calculator=self.calculator)
        return await self.writer.change(write, cart_id, change)

    async def list_shipping_options(self, cart_id: PathId, read: Read) -> Response:
        """The ways to ship the goods to the cart's destination, with their prices."""
        find = partial(shipping.show_options, catalogue=self.catalogue, calculator=self.calculator)
        return await show(read, find, cart_id, show_offered)

    async def put_shipping_option(
        self, cart_id: PathId, body: ShippingOptionChoice, write: Write
    ) -> Response:
        """Choose how the goods are shipped."""
        command = ChooseOption(cart_id, body.option_id)
        change = partial(shipping.choose_option, command, calculator=self.calculator)
        return await self.writer.change(write, cart_id, change)


def table(writer: Writer, catalogue: Catalogue, calculator: ShippingCalculator) -> RouteTable:
    do = _Handlers(writer, catalogue, calculator)
    cart = "/v1/carts/{cart_id}"
    refusals = CartNotFound, CartNotActive
    of_option = (*refusals, ShippingAddressRequired, ShippingOptionNotAvailable)
    return RouteTable(
        "shipping",
        (
            Route("PUT", f"{cart}/shipping-address", do.put_shipping_address, SHOPPERS, CartView, refusals),
            Route(
                "GET",
                f"{cart}/shipping-options",
                do.list_shipping_options,
                READERS,
                ShippingOptionsView,
                (CartNotFound,),
            ),
            Route("PUT", f"{cart}/shipping-option", do.put_shipping_option, SHOPPERS, CartView, of_option),
        ),
    )
