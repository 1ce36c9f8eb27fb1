"""Which promotions take part in the price of a cart, and why a discount code cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from cart.carts.domain.cart_state import CartState
from cart.carts.domain.errors import InvalidDiscountCode
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.promotions import KnownPromotion
from pricing.basket import Line
from pricing.promotions import Promotion, Reason

REASON_CODES = {
    Reason.DISABLED: "disabled",
    Reason.NOT_STARTED: "not_started",
    Reason.EXPIRED: "expired",
    Reason.LIMIT_REACHED: "limit_reached",
    Reason.NO_EFFECT: "conditions_not_met",
    Reason.CONDITIONS_NOT_MET: "conditions_not_met",
    Reason.CURRENCY_MISMATCH: "conditions_not_met",
    Reason.UNSUPPORTED_KIND: "conditions_not_met",
    Reason.NOT_COMBINABLE: "not_combinable",
    Reason.BETTER_DISCOUNT_APPLIED: "better_discount_applied",
}
UNKNOWN = "unknown"
DETAILS = {
    UNKNOWN: "There is no such code.",
    "disabled": "This code is disabled.",
    "limit_reached": "This code has been used up.",
    "not_started": "This code is not valid yet.",
    "expired": "This code has expired.",
    "conditions_not_met": "The cart does not meet the conditions of this code.",
}


def promotions_for(
    cart: CartState,
    excerpt: CatalogueExcerpt,
    lines: Iterable[Line],
    customer: KnownCustomer | None,
    now: datetime,
) -> Iterator[Promotion]:
    """Those of the cart's codes, the automatic ones that are for one of its lines, and the discounts of the
    customer's referrals."""
    for promotion_id in cart.codes:
        if known := excerpt.promotions.get(promotion_id):
            yield judged(known, customer, now)
    for known in excerpt.automatic_for(lines):
        yield judged(known, customer, now)
    if customer is not None:
        yield from (it.promotion for it in customer.referral_discounts(now))


def judged(promotion: KnownPromotion, customer: KnownCustomer | None, now: datetime) -> Promotion:
    """The promotion as it may be applied now, or with the reason for which it is not."""
    refused = _refusal(promotion, customer, now)
    return promotion.rule if refused is None else replace(promotion.rule, refused=refused)


def _refusal(promotion: KnownPromotion, customer: KnownCustomer | None, now: datetime) -> Reason | None:
    """An automatic promotion is left out once its uses are taken, in all or by the customer: a shopper could
    not remove it. If the last uses of a code on the cart are only reserved, they may be released, and one of
    them may be for this cart: the checkout reserves one, or fails, before any payment."""
    if promotion.disabled:
        return Reason.DISABLED
    if not promotion.runs_at(now):
        return Reason.EXPIRED
    if promotion.key is not None:
        return Reason.LIMIT_REACHED if promotion.spent else None
    is_used_up = promotion.used_up or promotion.is_used_up_by(customer)
    return Reason.LIMIT_REACHED if is_used_up else None


def invalid_code(reason: str) -> InvalidDiscountCode:
    return InvalidDiscountCode(DETAILS[reason], reason=reason)
