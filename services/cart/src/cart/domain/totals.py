"""What a cart costs at a moment, and whether its codes count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from cart.domain.cart import Cart
from cart.domain.catalogue import CatalogueSnapshot, KnownPromotion
from cart.domain.errors import InvalidDiscountCode
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
OBSTACLES = {
    DISABLED: "this code is not in use any more",
    LIMIT_REACHED: "this code has been used up",
}


class Costs(NamedTuple):
    """``not_applied``: the cart's codes that do nothing at present, by promotion, each with its reason."""

    sale: Sale
    not_applied: Mapping[UUID, str]


def costs_now(
    cart: Cart, excerpt: CatalogueSnapshot, now: datetime, news: Iterable[RepricedItem] = ()
) -> Costs:
    """The cart priced with its own codes and with the promotions that apply by themselves. ``news``: prices
    that count already, and are not recorded yet."""
    items = _items(cart, excerpt, {it.item_id: it.unit_price for it in news})
    rules = [it.rule for it in excerpt.promotions.values() if _applies(it, cart)]
    priced = _priced(cart, items, rules, excerpt, now)
    sale = sale_of(priced, items, cart.destination)
    idle = set(cart.codes).difference(it.promotion_id for it in sale.discounts)
    if not idle:
        return Costs(sale, {})
    rejected = {UUID(it.promotion_id): it.reason for it in priced.rejected}
    not_applied = {it: _why_idle(excerpt.promotions.get(it), rejected.get(it)) for it in sorted(idle)}
    return Costs(sale, not_applied)


def check_codes(cart: Cart, costs: Costs, excerpt: CatalogueSnapshot, now: datetime) -> None:
    """Each code on the cart would do something, looked at on its own: nobody pays more because a code has
    stopped counting, unless they have taken it off the cart."""
    for promotion_id in costs.not_applied:
        try:
            require_usable(excerpt.promotions.get(promotion_id), cart, excerpt, now)
        except InvalidDiscountCode as no:
            code = cart.codes[promotion_id]
            raise InvalidDiscountCode(no.detail, discount_code=code, **no.members) from None


def prices_today(cart: Cart, excerpt: CatalogueSnapshot) -> dict[UUID, int | None]:
    """By product, at the cart's destination."""
    return {it: excerpt.price_of(it, cart.currency, cart.country) for it in cart.product_ids}


def require_usable(
    known: KnownPromotion | None, cart: Cart, excerpt: CatalogueSnapshot, now: datetime
) -> KnownPromotion:
    """The promotion behind a code, if it would do something for this cart, looked at on its own.

    Whether it goes together with the other promotions may change with every item, so that is no reason.
    """
    if known is None:
        raise _invalid(UNKNOWN, "there is no such code")
    if obstacle := _obstacle(known):
        raise _invalid(obstacle, OBSTACLES[obstacle])
    reason = standing_refusal(known.rule, cart.currency, now)
    if reason is None and not (cart.lines or _demands_something(known.rule)):
        return known
    if reason is None:
        priced = _priced(cart, _items(cart, excerpt, {}), [known.rule], excerpt, now)
        reason = next((it.reason for it in priced.rejected), None)
    if reason is not None:
        raise _invalid(REASON_CODES[reason], f"this code cannot be used here: {reason}")
    return known


def _obstacle(known: KnownPromotion) -> str | None:
    """Why a code on a cart counts no more. Where its last uses are only held, they may come back, this cart's
    own among them: the checkout finds out whether there is one left, before anybody pays."""
    if known.disabled:
        return DISABLED
    return LIMIT_REACHED if known.spent else None


def _applies(it: KnownPromotion, cart: Cart) -> bool:
    if it.key is None:
        return not (it.disabled or it.used_up)
    return it.promotion_id in cart.codes and not _obstacle(it)


def _why_idle(known: KnownPromotion | None, rejected: Reason | None) -> str:
    if known is None:
        return UNKNOWN
    reason = rejected or Reason.NO_EFFECT
    return _obstacle(known) or REASON_CODES.get(reason, reason)


def _items(cart: Cart, excerpt: CatalogueSnapshot, news: Mapping[UUID, int]) -> list[Item]:
    return [
        Item(
            line_id=str(line.item_id),
            product_id=line.product_id,
            details=excerpt.products[line.product_id].details,
            quantity=line.quantity,
            unit_price=news.get(line.item_id, line.unit_price),
        )
        for line in cart.lines.values()
    ]


def _priced(
    cart: Cart, items: Iterable[Item], rules: Iterable[Promotion], excerpt: CatalogueSnapshot, now: datetime
) -> Priced:
    return price_items(
        cart.currency, items, rules, now, TaxTable(excerpt.taxes, destination_of(cart.destination))
    )


def _demands_something(rule: Promotion) -> bool:
    return rule.conditions != Conditions(currency=rule.conditions.currency)


def _invalid(reason: str, detail: str) -> InvalidDiscountCode:
    return InvalidDiscountCode(detail, reason=reason)
