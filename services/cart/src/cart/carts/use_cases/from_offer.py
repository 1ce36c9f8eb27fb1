"""From an offer to a cart in one call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from cart.carts.domain.availability import unavailable
from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import (
    CartNotActive,
    DiscountAlreadyApplied,
    OfferNotAvailable,
    OfferNotFound,
)
from cart.carts.domain.similar_offers import similar
from cart.carts.domain.upsells import ineligibility
from cart.carts.use_cases.abandonment import keep_timers
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    priced_after_write,
    record_current_prices,
    wanted_by,
)
from cart.carts.use_cases.customers import adopt_customer
from cart.carts.use_cases.discounts import put_code
from cart.carts.use_cases.offers import (
    AddOffer,
    is_published,
    published,
    put_offer,
    put_upsell,
    situation_of,
)
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.shopping import CreateCart, sessions_cart
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt, Wanted
from cart.catalogue.domain.offers import KnownOffer
from kernel.domain import Refused
from kernel.unit_of_work import UnitOfWork

ORDER_BUMP = "order_bump"
CART_TYPES: Mapping[str, str] = {
    "subscription": "subscription",
    "course": "education",
    "digital_product": "digital",
    "service": "service",
}
"""The type of a new cart by the type of the offer; ``standard`` for all others."""


@dataclass(frozen=True, slots=True)
class StartFromOffer:
    slug: str
    session_id: str
    customer_id: str | None = None
    quantity: int = 1
    include: Collection[UUID] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """``name``: the upsell's id, or the code."""

    kind: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class CartFromOffer:
    """``items`` are the lines of the offer, ``order_bumps`` the lines of upsells that were added with it, and
    ``codes`` those that were applied."""

    priced: PricedCart
    is_new: bool
    items: list[UUID]
    order_bumps: dict[UUID, UUID]
    codes: dict[UUID, str]
    skipped: list[Skipped]
    next_step: str

    @property
    def version(self) -> int:
        return self.priced.version


async def start_from_offer(
    command: StartFromOffer, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> CartFromOffer:
    """Put an offer into the session's cart, with its order bumps and promotions.

    Raises OfferNotFound, OfferNotAvailable, SessionHasOverdueCart and the refusals of the cart, each with a
    ``fallback_action``.
    """
    try:
        return await _start(command, work, catalogue, policy)
    except Refused as refusal:
        refusal.members.setdefault("fallback_action", _fallback(refusal))
        raise


async def _start(
    command: StartFromOffer, work: UnitOfWork, catalogue: Catalogue, policy: Policy
) -> CartFromOffer:
    tenant = work.context.tenant
    found = await catalogue.read(
        tenant, Wanted(slug=command.slug), until=lambda seen: is_published(seen.with_slug(command.slug))
    )
    offer = published(found.with_slug(command.slug))
    if reason := unavailable(offer, command.quantity, found):
        alternatives = await _alternatives(offer, work, catalogue)
        raise OfferNotAvailable(
            "The offer cannot be delivered at present.", reason=reason, alternatives=alternatives
        )
    cart, is_new = await sessions_cart(_new_cart(command, offer), work, policy)
    if not is_new:
        cart = await open_active_cart(cart.id, work)
    held = wanted_by(cart, buyer=command.customer_id)
    excerpt = await record_current_prices(
        cart,
        work,
        catalogue,
        wanted=replace(
            held,
            offers={*held.offers, offer.offer_id},
            codes=offer.promotion_keys,
        ),
    )
    adopt_customer(cart, command.customer_id, excerpt, work)
    order = AddOffer(cart.id, offer.offer_id, command.quantity, command.include)
    items = put_offer(cart, offer, order, excerpt, work)
    skipped: list[Skipped] = []
    order_bumps = add_order_bumps(cart, offer, excerpt, work, skipped)
    codes = try_codes(cart, offer, excerpt, work, skipped)
    priced = priced_after_write(cart, excerpt, work)
    keep_timers(cart, work, policy)
    return CartFromOffer(
        priced, is_new, items, order_bumps, codes, skipped, _next_step(offer, len(cart.lines))
    )


async def _alternatives(offer: KnownOffer, work: UnitOfWork, catalogue: Catalogue) -> list[str]:
    tenant = work.context.tenant
    of_type = await catalogue.published_offers(tenant, offer.details.type)
    excerpt = await catalogue.read(tenant, Wanted(offers={*of_type, offer.offer_id}))
    return similar(offer, excerpt, work.now)


def _new_cart(command: StartFromOffer, offer: KnownOffer) -> CreateCart:
    origin = {"source_offer": str(offer.offer_id), "offer_slug": offer.details.slug}
    return CreateCart(
        session_id=command.session_id,
        customer_id=command.customer_id,
        currency=offer.details.price.currency,
        cart_type=CART_TYPES.get(offer.details.type, "standard"),
        metadata=command.metadata | origin,
    )


def add_order_bumps(
    cart: Cart, offer: KnownOffer, excerpt: CatalogueExcerpt, work: UnitOfWork, skipped: list[Skipped]
) -> dict[UUID, UUID]:
    """Add the order bumps that add themselves; the line of each."""
    added: dict[UUID, UUID] = {}
    for upsell in excerpt.upsells_of(offer.offer_id):
        if upsell.details.type != ORDER_BUMP or not upsell.details.auto_add:
            continue
        reason: str | None = ineligibility(upsell, situation_of(cart, excerpt, work, elapsed=0))
        if reason is None:
            try:
                added[upsell.upsell_id] = put_upsell(cart, upsell, None, excerpt, work)
            except Refused as refusal:
                reason = refusal.code
        if reason is not None:
            skipped.append(Skipped(ORDER_BUMP, str(upsell.upsell_id), reason))
    return added


def try_codes(
    cart: Cart, offer: KnownOffer, excerpt: CatalogueExcerpt, work: UnitOfWork, skipped: list[Skipped]
) -> dict[UUID, str]:
    """Apply the offer's automatic promotions, each like a code that the shopper has typed; those that the
    cart has now, by promotion."""
    for code in offer.details.automatic_promotions:
        try:
            put_code(cart, code, excerpt, work)
        except DiscountAlreadyApplied:
            continue
        except Refused as refusal:
            skipped.append(Skipped("promotion", code, refusal.members.get("reason", refusal.code)))
    promotions = (excerpt.with_code(key) for key in offer.promotion_keys)
    known = (it.promotion_id for it in promotions if it is not None)
    return {promotion_id: cart.codes[promotion_id] for promotion_id in known if promotion_id in cart.codes}


def _next_step(offer: KnownOffer, lines: int) -> str:
    if offer.details.configuration.get("require_immediate_payment") is True:
        return "checkout"
    return "review_cart" if lines > 1 else "customize_order"


def _fallback(refusal: Refused) -> str:
    match refusal:
        case OfferNotFound():
            return "browse_catalogue"
        case OfferNotAvailable():
            return "similar_offers"
        case CartNotActive():
            return "wait_for_checkout"
        case _:
            return "review_cart"
