"""What is proposed beside the offers of a cart: upsells, order bumps and, after a refusal, downsells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from cart.carts.domain.cart_state import CartState
from cart.carts.domain.funnel import abandonment_steps, decline_steps, is_triggered
from cart.carts.domain.prices import UnitPrice, context_of, offers_in, price_of_product, price_of_upsell
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.offers import ACTIVE, KnownUpsell
from contracts.sale import Sale
from pricing.upsell_trigger import unmet_condition


class Ineligible(StrEnum):
    OFFER_NOT_IN_CART = "offer_not_in_cart"
    PRODUCT_NOT_AVAILABLE = "product_not_available"
    PRODUCT_IN_CART = "product_in_cart"
    CART_VALUE = "cart_value"
    REQUIRED_PRODUCTS = "required_products"
    CUSTOMER_SEGMENTS = "customer_segments"
    NOT_DECLINED = "not_declined"
    """It is only proposed once another upsell has been declined."""
    TIME = "time"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Situation:
    """What decides about the upsells of a cart. ``goods``: the value of its lines after discounts.
    ``elapsed``: seconds since the shopper sees the page; None: that does not matter."""

    cart: CartState
    excerpt: CatalogueExcerpt
    goods: int
    now: datetime
    elapsed: int | None = None

    @cached_property
    def offers(self) -> set[UUID]:
        """The offers in the cart."""
        return offers_in(self.cart)


@dataclass(frozen=True, slots=True)
class Proposal:
    upsell: KnownUpsell
    price: UnitPrice
    original: UnitPrice
    currency: str
    hide_at: datetime | None


def goods_of(sale: Sale) -> int:
    """The value of the lines after discounts, before tax on top."""
    return sale.totals.subtotal - sale.totals.discount


def proposals(situation: Situation) -> list[Proposal]:
    """What a storefront may show now, by priority, then by id: all that is eligible and not declined, but
    what an abandonment alone brings about."""
    return [
        proposal
        for upsell in _upsells(situation)
        if upsell.upsell_id not in situation.cart.declined
        and upsell.upsell_id not in abandonment_steps(situation.excerpt, upsell.offer_id)
        and ineligibility(upsell, situation) is None
        and (proposal := proposal_of(upsell, situation)) is not None
    ]


def downsells(situation: Situation, declined: set[UUID]) -> list[Proposal]:
    """What is proposed in place of these upsells: it is eligible, and neither taken nor declined itself."""
    return [
        proposal
        for proposal in proposals(situation)
        if any(it.details.after in declined for it in decline_steps(situation.excerpt, proposal.upsell))
    ]


def after_abandonment(situation: Situation) -> list[Proposal]:
    """What is proposed to a shopper who comes back to an abandoned cart."""
    customer = situation.excerpt.customer(situation.cart.customer_id)
    return [
        proposal
        for upsell in _upsells(situation)
        if (step := abandonment_steps(situation.excerpt, upsell.offer_id).get(upsell.upsell_id))
        and is_triggered(step, situation.cart, customer)
        and ineligibility(upsell, situation) is None
        and (proposal := proposal_of(upsell, situation)) is not None
    ]


def newly_eligible(situation: Situation) -> list[KnownUpsell]:
    """What is proposed now and never was before. The time on a page does not count."""
    known = situation.cart.upsells_offered
    return [it.upsell for it in proposals(situation) if it.upsell.upsell_id not in known]


def ineligibility(upsell: KnownUpsell, situation: Situation) -> Ineligible | None:
    """Why the upsell cannot be taken; None if it can."""
    cart, trigger = situation.cart, upsell.details.trigger
    if upsell.offer_id not in situation.offers:
        return Ineligible.OFFER_NOT_IN_CART
    if proposal_of(upsell, situation) is None:
        return Ineligible.PRODUCT_NOT_AVAILABLE
    if upsell.details.product_id in cart.product_ids:
        return Ineligible.PRODUCT_IN_CART
    customer = situation.excerpt.customer(cart.customer_id)
    segments = customer.segments if customer else frozenset()
    if unmet := unmet_condition(trigger, situation.goods, cart.product_ids, segments):
        return Ineligible(unmet.value)
    steps = decline_steps(situation.excerpt, upsell)
    if steps and not any(is_triggered(it, cart, customer) for it in steps):
        return Ineligible.NOT_DECLINED
    if not _is_shown_after(situation.elapsed, trigger.show_after_seconds, trigger.hide_after_seconds):
        return Ineligible.TIME
    ends_at = urgency_ends_at(upsell, cart)
    return Ineligible.EXPIRED if ends_at is not None and ends_at <= situation.now else None


def urgency_ends_at(upsell: KnownUpsell, cart: CartState) -> datetime | None:
    """When the upsell cannot be taken any more. A number of seconds runs from the first proposal."""
    urgency = upsell.details.urgency
    if urgency is None:
        return None
    first_at = cart.upsells_offered.get(upsell.upsell_id)
    runs_out_at = (
        first_at + timedelta(seconds=urgency.seconds)
        if first_at is not None and urgency.seconds is not None
        else None
    )
    return min((it for it in (urgency.ends_at, runs_out_at) if it is not None), default=None)


def proposal_of(upsell: KnownUpsell, situation: Situation) -> Proposal | None:
    """None if its product is not sold, or not in the cart's currency."""
    context = context_of(situation.cart, situation.excerpt, situation.now)
    product = situation.excerpt.products.get(upsell.details.product_id)
    original = price_of_product(upsell.details.product_id, situation.excerpt, context)
    price = price_of_upsell(upsell, situation.excerpt, context, is_offered=True)
    if product is None or not product.is_on_sale or price is None or original is None:
        return None
    return Proposal(upsell, price, original, context.currency, _hide_at(upsell, situation))


def _upsells(situation: Situation) -> Iterator[KnownUpsell]:
    offers = situation.offers
    upsells = situation.excerpt.upsells.values() if offers else ()
    found = (it for it in upsells if it.offer_id in offers and it.status == ACTIVE)
    yield from sorted(found, key=lambda it: (it.details.priority, str(it.upsell_id)))


def _hide_at(upsell: KnownUpsell, situation: Situation) -> datetime | None:
    hide_after = upsell.details.trigger.hide_after_seconds
    left = None if hide_after is None else timedelta(seconds=hide_after - (situation.elapsed or 0))
    ends = (urgency_ends_at(upsell, situation.cart), None if left is None else situation.now + left)
    return min((it for it in ends if it is not None), default=None)


def _is_shown_after(elapsed: int | None, show_after: int, hide_after: int | None) -> bool:
    if elapsed is None:
        return True
    return show_after <= elapsed and (hide_after is None or elapsed < hide_after)
