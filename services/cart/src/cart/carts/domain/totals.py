"""What a cart costs at a moment, and whether its discount codes can be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import InvalidDiscountCode
from cart.catalogue.domain import CatalogueExcerpt, KnownPromotion
from contracts.cart import RepricedItem
from contracts.sale import Sale
from pricing.from_contracts import Item, destination_of, price_items, sale_of
from pricing.priced import Priced
from pricing.promotions import Conditions, Promotion, Reason, standing_refusal
from pricing.tax import TaxTable

REASON_CODES = {
    Reason.NOT_STARTED: "not_started",
    Reason.EXPIRED: "expired",
    Reason.NO_EFFECT: "conditions_not_met",
    Reason.CONDITIONS_NOT_MET: "conditions_not_met",
    Reason.CURRENCY_MISMATCH: "conditions_not_met",
    Reason.UNSUPPORTED_KIND: "conditions_not_met",
}
UNKNOWN, DISABLED, LIMIT_REACHED = "unknown", "disabled", "limit_reached"
DETAILS = {
    UNKNOWN: "There is no such code.",
    DISABLED: "This code is disabled.",
    LIMIT_REACHED: "This code has been used up.",
    "not_started": "This code is not valid yet.",
    "expired": "This code has expired.",
    "conditions_not_met": "The cart does not meet the conditions of this code.",
}


class CartTotals(NamedTuple):
    """``not_applied``: the cart's codes without effect at present, by promotion, each with its reason."""

    sale: Sale
    not_applied: Mapping[UUID, str]


def calculate_totals(
    cart: Cart, excerpt: CatalogueExcerpt, now: datetime, pending: Iterable[RepricedItem] = ()
) -> CartTotals:
    """Price the cart with its own codes and with the automatic promotions. ``pending``: prices that are valid
    already, and that the cart has not recorded yet."""
    items = _items(cart, excerpt, {change.item_id: change.unit_price for change in pending})
    rules = [promotion.rule for promotion in excerpt.promotions.values() if _applies(promotion, cart)]
    priced = _priced(cart, items, rules, excerpt, now)
    sale = sale_of(priced, items, cart.destination)
    without_effect = set(cart.codes).difference(discount.promotion_id for discount in sale.discounts)
    if not without_effect:
        return CartTotals(sale, {})
    rejected = {UUID(rejection.promotion_id): rejection.reason for rejection in priced.rejected}
    not_applied = {
        promotion_id: _reason_without_effect(excerpt.promotions.get(promotion_id), rejected.get(promotion_id))
        for promotion_id in sorted(without_effect)
    }
    return CartTotals(sale, not_applied)


def check_codes(cart: Cart, totals: CartTotals, excerpt: CatalogueExcerpt, now: datetime) -> None:
    """Each code on the cart has an effect when it is applied alone: a customer never pays more because a code
    has become invalid, unless they have removed it from the cart.

    Raises InvalidDiscountCode, with the code as ``discount_code``.
    """
    for promotion_id in totals.not_applied:
        try:
            require_usable(excerpt.promotions.get(promotion_id), cart, excerpt, now)
        except InvalidDiscountCode as refusal:
            code = cart.codes[promotion_id]
            raise InvalidDiscountCode(refusal.detail, discount_code=code, **refusal.members) from None


def current_prices(cart: Cart, excerpt: CatalogueExcerpt) -> dict[UUID, int | None]:
    """Unit prices by product, at the cart's destination."""
    return {
        product_id: excerpt.price_of(product_id, cart.currency, cart.country)
        for product_id in cart.product_ids
    }


def require_usable(
    promotion: KnownPromotion | None, cart: Cart, excerpt: CatalogueExcerpt, now: datetime
) -> KnownPromotion:
    """The promotion behind a code, if it has an effect on this cart when it is applied alone.

    Whether it combines with the other promotions may change with every item, so that is no reason to refuse.
    Raises InvalidDiscountCode.
    """
    if promotion is None:
        raise invalid_code(UNKNOWN)
    if ineligibility := _ineligibility(promotion):
        raise invalid_code(ineligibility)
    reason = standing_refusal(promotion.rule, cart.currency, now)
    if reason is None and not (cart.lines or _has_conditions(promotion.rule)):
        return promotion
    if reason is None:
        priced = _priced(cart, _items(cart, excerpt, {}), [promotion.rule], excerpt, now)
        reason = next((rejection.reason for rejection in priced.rejected), None)
    if reason is not None:
        raise invalid_code(REASON_CODES[reason])
    return promotion


def invalid_code(reason: str) -> InvalidDiscountCode:
    return InvalidDiscountCode(DETAILS[reason], reason=reason)


def _ineligibility(promotion: KnownPromotion) -> str | None:
    """Why a code on a cart cannot be used. If its last uses are only reserved, they may be released, and one
    of them may be for this cart: the checkout reserves one, or fails, before any payment."""
    if promotion.disabled:
        return DISABLED
    return LIMIT_REACHED if promotion.spent else None


def _applies(promotion: KnownPromotion, cart: Cart) -> bool:
    if promotion.key is None:
        return not (promotion.disabled or promotion.used_up)
    return promotion.promotion_id in cart.codes and not _ineligibility(promotion)


def _reason_without_effect(promotion: KnownPromotion | None, rejected: Reason | None) -> str:
    if promotion is None:
        return UNKNOWN
    reason = rejected or Reason.NO_EFFECT
    return _ineligibility(promotion) or REASON_CODES.get(reason, reason)


def _items(cart: Cart, excerpt: CatalogueExcerpt, pending: Mapping[UUID, int]) -> list[Item]:
    return [
        Item(
            line_id=str(line.item_id),
            product_id=line.product_id,
            details=excerpt.products[line.product_id].details,
            quantity=line.quantity,
            unit_price=pending.get(line.item_id, line.unit_price),
        )
        for line in cart.lines.values()
    ]


def _priced(
    cart: Cart, items: Iterable[Item], rules: Iterable[Promotion], excerpt: CatalogueExcerpt, now: datetime
) -> Priced:
    return price_items(
        cart.currency, items, rules, now, TaxTable(excerpt.taxes, destination_of(cart.destination))
    )


def _has_conditions(rule: Promotion) -> bool:
    return rule.conditions != Conditions(currency=rule.conditions.currency)
