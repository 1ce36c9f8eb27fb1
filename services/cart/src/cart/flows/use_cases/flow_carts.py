"""What the choices of a flow do to its cart. What the cart holds already is not added again: a repeated or
second flow can go the same way."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.upsells import downsells
from cart.carts.use_cases.abandonment import keep_timers
from cart.carts.use_cases.cart_access import (
    open_active_cart,
    open_cart,
    priced_after_write,
    record_current_prices,
    wanted_by,
)
from cart.carts.use_cases.customers import adopt_customer
from cart.carts.use_cases.from_offer import try_codes
from cart.carts.use_cases.offers import (
    AddOffer,
    known_upsell,
    put_offer,
    put_refusal,
    put_upsell,
    situation_of,
)
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.shopping import AddItem, CreateCart, put_product, sessions_cart
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt
from cart.catalogue.domain.offers import KnownOffer
from cart.flows.domain.choices import Addon, Package, UpsellAnswers
from cart.flows.domain.flow import Flow
from kernel.unit_of_work import UnitOfWork

CART_TYPE = "funnel"
NAVIGATION = "funnel_navigation_id"


async def fill_cart(
    flow: Flow, offer: KnownOffer, choice: Package, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> UUID:
    """Put the package, its promotions and the add-ons into the session's cart; the cart's id."""
    cart, is_new = await sessions_cart(_new_cart(flow, offer), work, policy)
    if not is_new:
        cart = await open_active_cart(cart.id, work)
    held = wanted_by(cart, buyer=flow.customer_id)
    wanted = replace(
        held,
        products={*held.products, *choice.product_ids},
        offers={*held.offers, offer.offer_id},
        upsells={*held.upsells, *choice.upsell_ids},
        codes=offer.promotion_keys,
    )
    excerpt = await record_current_prices(cart, work, catalogue, wanted=wanted)
    adopt_customer(cart, flow.customer_id, excerpt, work)
    if offer.offer_id not in situation_of(cart, excerpt, work).offers:
        put_offer(cart, offer, AddOffer(cart.id, offer.offer_id, 1), excerpt, work)
    for addon in choice.addons:
        _add(cart, addon, excerpt, work)
    try_codes(cart, offer, excerpt, work, [])
    cart.join_flow(flow.id)
    priced_after_write(cart, excerpt, work)
    keep_timers(cart, work, policy)
    return cart.id


async def answer_upsells(
    flow: Flow, choice: UpsellAnswers, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> bool:
    """Add what was accepted and note what was declined. Whether no downsell is left to be answered."""
    cart, excerpt = await open_flows_cart(flow, {*choice.accepted, *choice.declined}, work, catalogue)
    for upsell_id in choice.accepted:
        _accept(cart, upsell_id, excerpt, work)
    for upsell_id in choice.declined:
        put_refusal(cart, known_upsell(upsell_id, excerpt), excerpt, work)
    priced_after_write(cart, excerpt, work)
    keep_timers(cart, work, policy)
    return not downsells(situation_of(cart, excerpt, work), cart.declined)


async def open_flows_cart(
    flow: Flow, upsells: Collection[UUID], work: UnitOfWork, catalogue: Catalogue
) -> tuple[Cart, CatalogueExcerpt]:
    """The flow's cart to be changed, with the current prices recorded. Raises CartNotFound, CartNotActive."""
    cart = await open_active_cart((await flows_cart(flow, work)).id, work)
    cart.join_flow(flow.id)
    held = wanted_by(cart)
    wanted = replace(held, upsells={*held.upsells, *upsells})
    return cart, await record_current_prices(cart, work, catalogue, wanted=wanted)


async def flows_cart(flow: Flow, work: UnitOfWork) -> Cart:
    """The flow's cart in any status; the one into which it was merged, if it was. Raises CartNotFound."""
    cart = await open_cart(flow.cart_id or flow.id, work)
    while cart.merged_into is not None:
        cart = await open_cart(cart.merged_into, work)
    return cart


def _new_cart(flow: Flow, offer: KnownOffer) -> CreateCart:
    return CreateCart(
        session_id=flow.session_id,
        customer_id=flow.customer_id,
        currency=offer.details.price.currency,
        cart_type=CART_TYPE,
        metadata={NAVIGATION: str(flow.id)},
    )


def _add(cart: Cart, addon: Addon, excerpt: CatalogueExcerpt, work: UnitOfWork) -> None:
    if addon.upsell_id is not None:
        _accept(cart, addon.upsell_id, excerpt, work)
    elif addon.product_id is not None and addon.product_id not in cart.product_ids:
        put_product(cart, AddItem(cart.id, addon.product_id, 1), excerpt, work)


def _accept(cart: Cart, upsell_id: UUID, excerpt: CatalogueExcerpt, work: UnitOfWork) -> None:
    if all(line.upsell_id != upsell_id for line in cart.lines.values()):
        put_upsell(cart, known_upsell(upsell_id, excerpt), None, excerpt, work)
