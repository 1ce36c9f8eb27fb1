"""What a cart costs at a moment, and whether its discount codes can be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import InvalidDiscountCode
from cart.carts.domain.line import Line
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.promotions import KnownPromotion
from contracts.cart import RepricedItem
from contracts.sale import Sale
from pricing.customer import UNKNOWN_CUSTOMER, Customer
from pricing.from_contracts import Item, destination_of, price_items, sale_of
from pricing.priced import Priced
from pricing.promotions import Conditions, Promotion, Reason, standing_refusal
from pricing.shipping import ChosenShipping, Shipping, fallback_shipping
from pricing.tax import Destination, TaxTable

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
    """``not_applied``: the cart's codes without effect at present, by promotion, each with its reason.
    ``priced``: how the amounts came about."""

    sale: Sale
    priced: Priced
    not_applied: Mapping[UUID, str]


def calculate_totals(
    cart: Cart,
    excerpt: CatalogueExcerpt,
    now: datetime,
    pending: Iterable[RepricedItem] = (),
    buyer: str | None = None,
) -> CartTotals:
    """Price the cart with its own codes and with the automatic promotions. ``pending``: prices that are valid
    already, and that the cart has not recorded yet. ``buyer``: the customer of a cart that has none yet."""
    items = _items(cart, excerpt, {change.item_id: change for change in pending})
    customer = excerpt.customer(cart.customer_id or buyer)
    rules = [it.rule for it in excerpt.promotions.values() if _applies(it, cart, customer, now)]
    priced = _priced(cart, items, rules, excerpt, now, customer)
    sale = sale_of(priced, items, cart.destination, now)
    without_effect = set(cart.codes).difference(discount.promotion_id for discount in sale.discounts)
    if not without_effect:
        return CartTotals(sale, priced, {})
    rejected = {UUID(rejection.promotion_id): rejection.reason for rejection in priced.rejected}
    not_applied = {
        promotion_id: _reason_without_effect(
            excerpt.promotions.get(promotion_id), rejected.get(promotion_id), now
        )
        for promotion_id in sorted(without_effect)
    }
    return CartTotals(sale, priced, not_applied)


def check_codes(
    cart: Cart, totals: CartTotals, excerpt: CatalogueExcerpt, now: datetime, buyer: str | None = None
) -> None:
    """Each code on the cart has an effect when it is applied alone: a customer never pays more because a code
    has become invalid, unless they have removed it from the cart.

    Raises InvalidDiscountCode, with the code as ``discount_code``.
    """
    for promotion_id in totals.not_applied:
        try:
            require_usable(excerpt.promotions.get(promotion_id), cart, excerpt, now, buyer)
        except InvalidDiscountCode as refusal:
            code = cart.codes[promotion_id]
            raise InvalidDiscountCode(refusal.detail, discount_code=code, **refusal.members) from None


def require_usable(
    promotion: KnownPromotion | None,
    cart: Cart,
    excerpt: CatalogueExcerpt,
    now: datetime,
    buyer: str | None = None,
) -> KnownPromotion:
    """The promotion behind a code, if it has an effect on this cart when it is applied alone.

    Whether it combines with the other promotions may change with every item, so that is no reason to refuse.
    Raises InvalidDiscountCode.
    """
    if promotion is None:
        raise invalid_code(UNKNOWN)
    if ineligibility := _ineligibility(promotion, now):
        raise invalid_code(ineligibility)
    reason = standing_refusal(promotion.rule, cart.currency, now)
    if reason is None and not (cart.lines or _has_conditions(promotion.rule)):
        return promotion
    if reason is None:
        customer = excerpt.customer(cart.customer_id or buyer)
        priced = _priced(cart, _items(cart, excerpt, {}), [promotion.rule], excerpt, now, customer)
        reason = next((rejection.reason for rejection in priced.rejected), None)
    if reason is not None:
        raise invalid_code(REASON_CODES[reason])
    return promotion


def invalid_code(reason: str) -> InvalidDiscountCode:
    return InvalidDiscountCode(DETAILS[reason], reason=reason)


def _ineligibility(promotion: KnownPromotion, now: datetime) -> str | None:
    """Why a code on a cart cannot be used. If its last uses are only reserved, they may be released, and one
    of them may be for this cart: the checkout reserves one, or fails, before any payment."""
    if promotion.disabled:
        return DISABLED
    if not promotion.runs_at(now):
        return REASON_CODES[Reason.EXPIRED]
    return LIMIT_REACHED if promotion.spent else None


def _applies(promotion: KnownPromotion, cart: Cart, customer: KnownCustomer | None, now: datetime) -> bool:
    """An automatic promotion is left out once its uses are taken, in all or by the customer: a shopper could
    not remove it."""
    if promotion.key is not None:
        return promotion.promotion_id in cart.codes and not _ineligibility(promotion, now)
    is_used_up = promotion.used_up or promotion.is_used_up_by(customer)
    return not (promotion.disabled or is_used_up) and promotion.runs_at(now)


def _reason_without_effect(promotion: KnownPromotion | None, rejected: Reason | None, now: datetime) -> str:
    if promotion is None:
        return UNKNOWN
    reason = rejected or Reason.NO_EFFECT
    return _ineligibility(promotion, now) or REASON_CODES.get(reason, reason)


def _items(cart: Cart, excerpt: CatalogueExcerpt, pending: Mapping[UUID, RepricedItem]) -> list[Item]:
    return [_item(line, excerpt, pending.get(line.item_id)) for line in cart.lines.values()]


def _item(line: Line, excerpt: CatalogueExcerpt, pending: RepricedItem | None) -> Item:
    offer = None if line.offer_id is None else excerpt.offers.get(line.offer_id)
    return Item(
        line_id=str(line.item_id),
        product_id=line.product_id,
        details=excerpt.products[line.product_id].details,
        quantity=line.quantity,
        unit_price=pending.unit_price if pending else line.unit_price,
        offer_id=line.offer_id,
        offer=offer.details if offer else None,
        upsell_id=line.upsell_id,
        units=line.units,
        campaign_id=pending.campaign_id if pending else line.campaign_id,
        experiment=line.experiment,
        gift_seats=line.gift_seats,
        plan_id=line.plan_id,
    )


def _priced(
    cart: Cart,
    items: Iterable[Item],
    rules: Iterable[Promotion],
    excerpt: CatalogueExcerpt,
    now: datetime,
    customer: KnownCustomer | None,
) -> Priced:
    destination = destination_of(cart.destination)
    return price_items(
        cart.currency,
        items,
        rules,
        now,
        TaxTable(excerpt.taxes, destination),
        excerpt.policy,
        customer=_buyer(customer),
        shipping=_chosen_shipping(cart, excerpt, destination),
    )


def _buyer(customer: KnownCustomer | None) -> Customer:
    if customer is None:
        return UNKNOWN_CUSTOMER
    return Customer(customer.customer_id, customer.segments, customer.paid_orders)


def _chosen_shipping(
    cart: Cart, excerpt: CatalogueExcerpt, destination: Destination | None
) -> Shipping | None:
    """None until an option is chosen for a destination."""
    chosen = cart.shipping
    if chosen is None or destination is None:
        return None
    if chosen.fallback:
        return fallback_shipping(excerpt.shipping_rates, cart.currency)
    return ChosenShipping(excerpt.shipping_rates, destination, chosen.option_id)


def _has_conditions(rule: Promotion) -> bool:
    return rule.conditions != Conditions(currency=rule.conditions.currency)
