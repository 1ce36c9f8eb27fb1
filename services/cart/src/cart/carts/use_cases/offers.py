"""Put offers and upsells into a cart, and decline upsells."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import (
    InvalidQuantity,
    OfferNotFound,
    UpsellExpired,
    UpsellNotEligible,
    UpsellNotFound,
)
from cart.carts.domain.new_item import NewItem
from cart.carts.domain.offer_items import items_of_offer
from cart.carts.domain.prices import context_of
from cart.carts.domain.status import Status
from cart.carts.domain.totals import calculate_totals
from cart.carts.domain.upsells import (
    Ineligible,
    Proposal,
    Situation,
    downsells,
    goods_of,
    ineligibility,
    proposal_of,
    proposals,
)
from cart.carts.use_cases.cart_access import (
    PricedCart,
    open_active_cart,
    open_cart,
    priced_after_write,
    priced_for_read,
    record_current_prices,
    wanted_by,
)
from cart.catalogue.domain.excerpt import Catalogue, CatalogueExcerpt
from cart.catalogue.domain.offers import ACTIVE, KnownOffer, KnownUpsell
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AddOffer:
    cart_id: UUID
    offer_id: UUID
    quantity: int
    include: Collection[UUID] = ()


async def add_offer(command: AddOffer, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """Add an offer: one line for each of its products. Raises OfferNotFound, and what ``put_offer`` does."""
    cart = await open_active_cart(command.cart_id, work)
    held, offer_id = wanted_by(cart), command.offer_id
    excerpt = await record_current_prices(
        cart,
        work,
        catalogue,
        wanted=replace(held, offers={*held.offers, offer_id}),
        until=lambda seen: is_published(seen.offers.get(offer_id)),
    )
    put_offer(cart, published(excerpt.offers.get(offer_id)), command, excerpt, work)
    return priced_after_write(cart, excerpt, work)


def is_published(offer: KnownOffer | None) -> bool:
    return offer is not None and offer.is_published


def published(offer: KnownOffer | None) -> KnownOffer:
    """Raises OfferNotFound."""
    if offer is None or not offer.is_published:
        raise OfferNotFound("There is no such published offer.")
    return offer


def put_offer(
    cart: Cart, offer: KnownOffer, command: AddOffer, excerpt: CatalogueExcerpt, work: UnitOfWork
) -> list[UUID]:
    """Record the lines of the offer; their ids. Raises InvalidQuantity, the refusals of ``items_of_offer``
    and of ``Cart.add_item``."""
    if command.quantity < 1:
        raise InvalidQuantity("At least one offer has to be added.")
    items = items_of_offer(
        offer,
        command.quantity,
        command.include,
        tuple(cart.lines.values()),
        excerpt,
        context_of(cart, excerpt, work.now),
        offer.experiment.exposure_of(cart.session_id) if offer.experiment else None,
    )
    for item in items:
        cart.add_item(item, excerpt)
    return [item.item_id_in(cart.id) for item in items]


@dataclass(frozen=True, slots=True)
class TakeUpsell:
    """``quantity``: None for the upsell's own."""

    cart_id: UUID
    upsell_id: UUID
    quantity: int | None = None


async def take_upsell(command: TakeUpsell, work: UnitOfWork, catalogue: Catalogue) -> PricedCart:
    """Add the product of an upsell at its reduced price. Raises UpsellNotFound, and what ``put_upsell``
    does."""
    cart = await open_active_cart(command.cart_id, work)
    excerpt = await _with_upsells(cart, {command.upsell_id}, work, catalogue)
    upsell = known_upsell(command.upsell_id, excerpt)
    put_upsell(cart, upsell, command.quantity, excerpt, work)
    return priced_after_write(cart, excerpt, work)


def known_upsell(upsell_id: UUID, excerpt: CatalogueExcerpt) -> KnownUpsell:
    """Raises UpsellNotFound."""
    upsell = excerpt.upsells.get(upsell_id)
    if upsell is None or upsell.status != ACTIVE:
        raise UpsellNotFound("There is no such upsell.")
    return upsell


def put_upsell(
    cart: Cart, upsell: KnownUpsell, quantity: int | None, excerpt: CatalogueExcerpt, work: UnitOfWork
) -> UUID:
    """Record the line of the upsell; its id. Raises UpsellExpired, UpsellNotEligible, InvalidQuantity and the
    refusals of ``Cart.add_item``."""
    situation = situation_of(cart, excerpt, work)
    reason = ineligibility(upsell, situation)
    proposal = proposal_of(upsell, situation)
    if reason is Ineligible.EXPIRED:
        raise UpsellExpired("The time in which this upsell could be taken is over.")
    if reason is not None or proposal is None:
        raise UpsellNotEligible("This upsell is not proposed for the cart.", reason=reason)
    units = upsell.details.quantity if quantity is None else quantity
    if units < 1:
        raise InvalidQuantity("At least one unit has to be added.")
    product = excerpt.products[upsell.details.product_id]
    item = NewItem(product, proposal.price, units, upsell_id=upsell.upsell_id)
    cart.add_item(item, excerpt)
    return item.item_id_in(cart.id)


def situation_of(
    cart: Cart, excerpt: CatalogueExcerpt, work: UnitOfWork, elapsed: int | None = None
) -> Situation:
    sale = calculate_totals(cart, excerpt, work.now).sale
    return Situation(cart, excerpt, goods_of(sale), work.now, elapsed)


@dataclass(frozen=True, slots=True)
class ListUpsells:
    cart_id: UUID
    position: str | None = None
    elapsed_seconds: int = 0


class Proposed(NamedTuple):
    """A cart, and what may be proposed for it."""

    cart: Cart
    upsells: list[Proposal]

    @property
    def version(self) -> int:
        return self.cart.version


async def list_upsells(query: ListUpsells, work: UnitOfWork, catalogue: Catalogue) -> Proposed:
    """What may be proposed for a cart now. Raises CartNotFound."""
    cart = await open_cart(query.cart_id, work)
    excerpt = await catalogue.read(work.context.tenant, wanted_by(cart))
    priced = priced_for_read(cart, excerpt, work)
    if cart.status_at(work.now) not in {Status.ACTIVE, Status.ABANDONED}:
        return Proposed(cart, [])
    goods = goods_of(priced.sale)
    found = proposals(Situation(cart, excerpt, goods, work.now, query.elapsed_seconds))
    return Proposed(cart, [it for it in found if query.position in {None, it.upsell.details.position}])


@dataclass(frozen=True, slots=True)
class DeclineUpsell:
    cart_id: UUID
    upsell_id: UUID


async def decline_upsell(command: DeclineUpsell, work: UnitOfWork, catalogue: Catalogue) -> Proposed:
    """Note a refusal, and propose what there is in its place. Raises UpsellNotFound, UpsellNotEligible."""
    cart = await open_active_cart(command.cart_id, work)
    excerpt = await _with_upsells(cart, {command.upsell_id}, work, catalogue)
    put_refusal(cart, known_upsell(command.upsell_id, excerpt), excerpt, work)
    priced_after_write(cart, excerpt, work)
    return Proposed(cart, downsells(situation_of(cart, excerpt, work), {command.upsell_id}))


def put_refusal(cart: Cart, upsell: KnownUpsell, excerpt: CatalogueExcerpt, work: UnitOfWork) -> None:
    """Record that the shopper does not want the upsell. Raises UpsellNotEligible if its offer is not in the
    cart."""
    if upsell.offer_id not in situation_of(cart, excerpt, work).offers:
        raise UpsellNotEligible(
            "This upsell is not proposed for the cart.", reason=Ineligible.OFFER_NOT_IN_CART
        )
    cart.decline_upsell(upsell.offer_id, upsell.upsell_id)


async def _with_upsells(
    cart: Cart, upsells: Collection[UUID], work: UnitOfWork, catalogue: Catalogue
) -> CatalogueExcerpt:
    held = wanted_by(cart)
    return await record_current_prices(
        cart,
        work,
        catalogue,
        wanted=replace(held, upsells={*held.upsells, *upsells}),
        until=lambda seen: seen.upsells.keys() >= set(upsells),
    )
