"""What a cart costs at a moment, and whether its discount codes can be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.codes import REASON_CODES, UNKNOWN, invalid_code, judged, promotions_for
from cart.carts.domain.errors import InvalidDiscountCode
from cart.carts.domain.line import Line
from cart.carts.domain.prices import campaign_saving
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from cart.catalogue.domain.promotions import KnownPromotion
from contracts.cart import RepricedItem
from contracts.sale import Sale
from pricing.basket import Basket
from pricing.basket import Line as BasketLine
from pricing.customer import UNKNOWN_CUSTOMER, Customer
from pricing.from_contracts import Item, destination_of, line_of, sale_of
from pricing.price import price
from pricing.priced import Priced
from pricing.promotions import Conditions, Promotion, may_stay_idle, standing_refusal
from pricing.shipping import ChosenShipping, Shipping, fallback_shipping
from pricing.tax import Destination, TaxTable


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
    basket = Basket(cart.currency, tuple(line_of(item) for item in items))
    rules = promotions_for(cart, excerpt, basket.lines, customer, now)
    priced = _priced(cart, basket, rules, excerpt, now, customer)
    sale = sale_of(priced, items, cart.destination, now)
    idle = sorted(set(cart.codes).difference(discount.promotion_id for discount in sale.discounts))
    if not idle:
        return CartTotals(sale, priced, {})
    reasons = {it.promotion_id: REASON_CODES[it.reason] for it in priced.rejected}
    return CartTotals(sale, priced, {it: reasons.get(str(it), UNKNOWN) for it in idle})


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

    Whether it combines with the other promotions may change with every item, so that is no reason to refuse;
    nor is it that shipping may become due, or the customer known. Raises InvalidDiscountCode.
    """
    if promotion is None:
        raise invalid_code(UNKNOWN)
    customer = excerpt.customer(cart.customer_id or buyer)
    rule = judged(promotion, customer, now)
    reason = standing_refusal(rule, cart.currency, now)
    if reason is None and (cart.lines or _has_conditions(rule)):
        basket = Basket(cart.currency, tuple(line_of(item) for item in _items(cart, excerpt, {})))
        priced = _priced(cart, basket, [rule], excerpt, now, customer)
        is_due = priced.shipping is not None and priced.shipping.charge.price > 0
        if not may_stay_idle(rule, _buyer(customer), shipping_is_due=is_due):
            reason = next((rejection.reason for rejection in priced.rejected), None)
    if reason is not None:
        raise invalid_code(REASON_CODES[reason])
    return promotion


def lines_of(cart: Cart, excerpt: CatalogueExcerpt) -> list[BasketLine]:
    """The lines as they are priced."""
    return [line_of(item) for item in _items(cart, excerpt, {})]


def _items(cart: Cart, excerpt: CatalogueExcerpt, pending: Mapping[UUID, RepricedItem]) -> list[Item]:
    return [_item(line, excerpt, pending.get(line.item_id)) for line in cart.lines.values()]


def _item(line: Line, excerpt: CatalogueExcerpt, pending: RepricedItem | None) -> Item:
    offer = None if line.offer_id is None else excerpt.offers.get(line.offer_id)
    unit_price, campaign_id = line.unit_price, line.campaign_id
    if pending is not None:
        unit_price, campaign_id = pending.unit_price, pending.campaign_id
    return Item(
        line_id=str(line.item_id),
        product_id=line.product_id,
        details=excerpt.products[line.product_id].details,
        quantity=line.quantity,
        unit_price=unit_price,
        offer_id=line.offer_id,
        offer=offer.details if offer else None,
        upsell_id=line.upsell_id,
        units=line.units,
        campaign_id=campaign_id,
        campaign_saving=campaign_saving(line, unit_price, excerpt) if campaign_id else 0,
        experiment=line.experiment,
        gift_seats=line.gift_seats,
        plan_id=line.plan_id,
    )


def _priced(
    cart: Cart,
    basket: Basket,
    rules: Iterable[Promotion],
    excerpt: CatalogueExcerpt,
    now: datetime,
    customer: KnownCustomer | None,
) -> Priced:
    destination = destination_of(cart.destination)
    return price(
        basket,
        rules,
        TaxTable(excerpt.taxes, destination),
        excerpt.policy,
        now,
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
    """The chosen option, and the recommended one until one is chosen. None without a destination."""
    chosen = cart.shipping
    if destination is None:
        return None
    if chosen and chosen.fallback:
        return fallback_shipping(excerpt.shipping_rates, cart.currency)
    return ChosenShipping(excerpt.shipping_rates, destination, chosen.option_id if chosen else None)


def _has_conditions(rule: Promotion) -> bool:
    return rule.conditions != Conditions(currency=rule.conditions.currency)
