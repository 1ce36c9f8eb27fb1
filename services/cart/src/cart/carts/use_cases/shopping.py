"""What a shopper does with a cart, apart from discount codes: create and read it and change its
items.

A use case takes one input, the unit of work, and its ports. An input of more than one value is a dataclass
above its use case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import InvalidQuantity, ProductNotFound
from cart.carts.domain.line import Line
from cart.carts.domain.new_item import NewItem
from cart.carts.domain.offer_items import lines_changed_with, lines_removed_with
from cart.carts.domain.prices import context_of, price_of_product, units_at_own_price
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    open_cart,
    open_repriced_cart,
    priced_after_write,
    priced_for_read,
    record_current_prices,
    wanted_by,
)
from cart.carts.use_cases.index_keys import CART_EXPIRY, CUSTOMER_CART, SESSION, SESSION_CART, listed_under
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt
from kernel.ids import new_id
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CreateCart:
    session_id: str
    customer_id: str | None
    currency: str
    cart_type: str
    metadata: dict[str, Any]


class SessionHasOverdueCart(Exception):
    """The session's cart has outlived its lifetime: expire it, then create the cart again."""

    def __init__(self, cart_id: UUID) -> None:
        super().__init__(str(cart_id))
        self.cart_id = cart_id


async def create_cart(
    command: CreateCart, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> tuple[PricedCart, bool]:
    """The open cart that the session has already, or a new one; and whether it is new.

    Raises SessionHasOverdueCart.
    """
    cart, is_new = await sessions_cart(command, work, policy)
    return await _show(cart, work, catalogue), is_new


async def sessions_cart(command: CreateCart, work: UnitOfWork, policy: Policy) -> tuple[Cart, bool]:
    """The session's open cart, and whether it was created here. Raises SessionHasOverdueCart."""
    open_cart_id = await work.owner_of_key(SESSION, command.session_id)
    if open_cart_id is not None:
        cart = await open_cart(open_cart_id, work)
        if cart.is_overdue(work.now):
            raise SessionHasOverdueCart(cart.id)
        return cart, False
    cart = work.create(Cart, new_id())
    cart.create(
        session_id=command.session_id,
        customer_id=command.customer_id,
        currency=command.currency,
        cart_type=command.cart_type,
        metadata=command.metadata,
        expires_at=work.now + policy.lifetime,
    )
    work.set_timer(CART_EXPIRY, cart.id, cart.expires_at)
    work.claim_key(SESSION, command.session_id, cart.id)
    work.claim_key(SESSION_CART, listed_under(command.session_id, cart.id), cart.id)
    if command.customer_id is not None:
        work.claim_key(CUSTOMER_CART, listed_under(command.customer_id, cart.id), cart.id)
    return cart, True


async def show_cart(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """The cart with its current totals. Raises CartNotFound."""
    return await _show(await open_cart(cart_id, work), work, catalogue)


async def _show(cart: Cart, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    excerpt = await catalogue.read(work.context.tenant, wanted_by(cart))
    return priced_for_read(cart, excerpt, work)


async def list_carts(cart_ids: Sequence[UUID], work: UnitOfWork, catalogue: Catalogue) -> list[PricedCart]:
    """The carts with their current totals, in the order of the ids, by one read of the catalogue."""
    carts = await work.open_many(Cart, cart_ids)
    excerpt = await catalogue.read(work.context.tenant, wanted_by(*carts.values()))
    return [priced_for_read(carts[cart_id], excerpt, work) for cart_id in cart_ids]


@dataclass(frozen=True, slots=True)
class AddItem:
    cart_id: UUID
    product_id: UUID
    quantity: int
    options: dict[str, Any] = field(default_factory=dict)
    gift_seats: int = 0


async def add_item(command: AddItem, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """Add units of a product, at the catalogue's price. Raises InvalidQuantity, ProductNotFound, and the
    refusals of ``Cart.add_item``."""
    cart = await open_active_cart(command.cart_id, work)
    if command.quantity < 1:
        raise InvalidQuantity("At least one unit has to be added.")
    held = wanted_by(cart)
    excerpt = await record_current_prices(
        cart,
        work,
        catalogue,
        wanted=replace(held, products={*held.products, command.product_id}),
        until=lambda seen: _sells(seen, command.product_id, cart, work),
    )
    put_product(cart, command, excerpt, work)
    return priced_after_write(cart, excerpt, work)


def put_product(cart: Cart, command: AddItem, excerpt: CatalogueExcerpt, work: UnitOfWork) -> None:
    """Record the line of a product. Raises ProductNotFound, and the refusals of ``Cart.add_item``."""
    product = excerpt.products.get(command.product_id)
    if product is None or not product.is_on_sale:
        raise ProductNotFound("There is no such product for sale.")
    units = units_at_own_price(cart.lines.values(), excerpt)[product.product_id] + command.quantity
    price = price_of_product(product.product_id, excerpt, context_of(cart, excerpt, work.now), units)
    new = NewItem(product, price, command.quantity, command.options, gift_seats=command.gift_seats)
    cart.add_item(new, excerpt)


def _sells(excerpt: CatalogueExcerpt, product_id: UUID, cart: Cart, work: UnitOfWork) -> bool:
    return excerpt.product_price(product_id, context_of(cart, excerpt, work.now)) is not None


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    cart_id: UUID
    item_id: UUID
    quantity: int
    gift_seats: int | None = None


async def change_quantity(command: ChangeQuantity, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """Change how many units an item holds; 0 removes the item. The lines of one offer change together."""
    cart, excerpt = await open_repriced_cart(command.cart_id, work, catalogue)
    line = cart.line(command.item_id)
    if command.quantity == 0:
        _remove_with_offer(cart, line, excerpt)
        return priced_after_write(cart, excerpt, work)
    for it in lines_changed_with(line, cart.lines.values(), excerpt):
        seats = command.gift_seats if it is line else None
        cart.change_quantity(it.item_id, excerpt.products[it.product_id], command.quantity, seats)
    return priced_after_write(cart, excerpt, work)


@dataclass(frozen=True, slots=True)
class RemoveItem:
    cart_id: UUID
    item_id: UUID


async def remove_item(command: RemoveItem, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """Remove an item, and with it the offer that it is a part of."""
    cart, excerpt = await open_repriced_cart(command.cart_id, work, catalogue)
    _remove_with_offer(cart, cart.line(command.item_id), excerpt)
    return priced_after_write(cart, excerpt, work)


def _remove_with_offer(cart: Cart, line: Line, excerpt: CatalogueExcerpt) -> None:
    for it in lines_removed_with(line, cart.lines.values(), excerpt):
        cart.remove_item(it.item_id)


async def clear_items(cart_id: UUID, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """Remove all items from a cart; its codes stay."""
    cart, excerpt = await open_repriced_cart(cart_id, work, catalogue)
    cart.clear()
    return priced_after_write(cart, excerpt, work)
