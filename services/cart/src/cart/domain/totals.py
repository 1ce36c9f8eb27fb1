"""What a cart costs at a moment, and whether a code may be used on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cart.domain.cart import Cart
from cart.domain.catalogue import Excerpt, KnownPromotion
from cart.domain.errors import InvalidDiscountCode
from contracts.sale import Sale
from pricing.from_contracts import Item, price_items, sale_of
from pricing.priced import Priced
from pricing.promotions import Conditions, Promotion, Reason, standing_refusal
from pricing.tax import TaxTable

TOLD_AS = {
    Reason.NOT_STARTED: "not_started",
    Reason.EXPIRED: "expired",
    Reason.NO_EFFECT: "conditions_not_met",
    Reason.CONDITIONS_NOT_MET: "conditions_not_met",
    Reason.CURRENCY_MISMATCH: "conditions_not_met",
    Reason.UNSUPPORTED_KIND: "conditions_not_met",
}


def sale_now(cart: Cart, excerpt: Excerpt, now: datetime) -> Sale:
    """The cart priced with its own codes and with the promotions that apply by themselves."""
    items = _items(cart, excerpt)
    rules = [it.rule for it in excerpt.promotions.values() if _counts(it, cart)]
    return sale_of(_priced(cart, items, rules, excerpt, now), items)


def usable(known: KnownPromotion | None, cart: Cart, excerpt: Excerpt, now: datetime) -> KnownPromotion:
    """The promotion behind a code, if it would do something for this cart, looked at on its own.

    Whether it goes together with the other promotions may change with every item, so that is no reason.
    """
    if known is None:
        raise _invalid("unknown", "there is no such code")
    if known.disabled:
        raise _invalid("disabled", "this code is not in use any more")
    if known.used_up:
        raise _invalid("limit_reached", "this code has been used up")
    reason = standing_refusal(known.rule, cart.currency, now)
    if reason is None and not (cart.lines or _demands_something(known.rule)):
        return known
    if reason is None:
        priced = _priced(cart, _items(cart, excerpt), [known.rule], excerpt, now)
        reason = next((it.reason for it in priced.rejected), None)
    if reason is not None:
        raise _invalid(TOLD_AS[reason], f"this code cannot be used here: {reason}")
    return known


def _counts(it: KnownPromotion, cart: Cart) -> bool:
    """A code that is used up stays in force here: the checkout will say so, rather than charge more."""
    if it.disabled:
        return False
    return it.promotion_id in cart.codes if it.key is not None else not it.used_up


def _items(cart: Cart, excerpt: Excerpt) -> list[Item]:
    return [
        Item(
            line_id=str(line.item_id),
            product_id=line.product_id,
            details=excerpt.products[line.product_id].details,
            quantity=line.quantity,
            unit_price=line.unit_price,
        )
        for line in cart.lines.values()
    ]


def _priced(
    cart: Cart, items: Iterable[Item], rules: Iterable[Promotion], excerpt: Excerpt, now: datetime
) -> Priced:
    return price_items(cart.currency, items, rules, now, TaxTable(excerpt.taxes))


def _demands_something(rule: Promotion) -> bool:
    return rule.conditions != Conditions(currency=rule.conditions.currency)


def _invalid(reason: str, detail: str) -> InvalidDiscountCode:
    return InvalidDiscountCode(detail, reason=reason)
