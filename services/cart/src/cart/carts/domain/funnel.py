"""The steps of an offer's funnel: what a refusal or an abandonment brings about, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from cart.carts.domain.cart_state import CartState
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.offers import KnownStep, KnownUpsell
from contracts.funnel import Behavior, CustomerValue, PurchaseHistory

DECLINE, ABANDON = "decline", "abandon"
UNKNOWN = KnownCustomer("")
"""A customer of whom nothing is known has bought nothing."""


def decline_steps(excerpt: CatalogueExcerpt, upsell: KnownUpsell) -> list[KnownStep]:
    """The steps that propose this upsell after another one was declined."""
    steps = excerpt.funnel_steps.get(upsell.offer_id, ())
    return [it for it in steps if it.details.trigger == DECLINE and it.details.upsell_id == upsell.upsell_id]


def abandonment_steps(excerpt: CatalogueExcerpt, offer_id: UUID) -> Mapping[UUID, KnownStep]:
    """By the upsell that they propose."""
    steps = excerpt.funnel_steps.get(offer_id, ())
    return {it.details.upsell_id: it for it in steps if it.details.trigger == ABANDON}


def is_triggered(step: KnownStep, cart: CartState, customer: KnownCustomer | None) -> bool:
    """Whether the step's upsell may be proposed: for a refusal, ``after`` was declined; and all conditions
    hold."""
    details, buyer = step.details, customer or UNKNOWN
    if details.trigger == DECLINE and details.after not in cart.declined:
        return False
    conditions = details.conditions
    return (
        _has_value(conditions.customer_value, buyer, cart.currency)
        and _has_history(conditions.purchase_history, buyer)
        and _behaves(conditions.behavior, cart, buyer)
    )


def _has_value(wanted: CustomerValue | None, customer: KnownCustomer, currency: str) -> bool:
    if wanted is None:
        return True
    return _is_within(customer.spent.get(currency, 0), wanted.minimum, wanted.maximum)


def _has_history(wanted: PurchaseHistory | None, customer: KnownCustomer) -> bool:
    if wanted is None:
        return True
    return (
        (not wanted.bought_any or _has_bought(wanted.bought_any, customer))
        and not _has_bought(wanted.bought_none, customer)
        and _is_within(customer.paid_orders, wanted.minimum_orders, wanted.maximum_orders)
    )


def _behaves(wanted: Behavior | None, cart: CartState, customer: KnownCustomer) -> bool:
    """The cart itself counts also while it has no customer."""
    if wanted is None:
        return True
    if wanted.declined_any and cart.declined.isdisjoint(wanted.declined_any):
        return False
    own = {cart.id} if cart.times_abandoned else set()
    return len(customer.abandoned_carts | own) >= (wanted.minimum_abandoned_carts or 0)


def _has_bought(products: Collection[UUID], customer: KnownCustomer) -> bool:
    return any(str(it) in customer.bought for it in products)


def _is_within(value: int, minimum: int | None, maximum: int | None) -> bool:
    return (minimum is None or minimum <= value) and (maximum is None or value <= maximum)
