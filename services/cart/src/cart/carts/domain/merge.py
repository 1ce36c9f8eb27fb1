"""Merge a guest's cart into a customer's. Each line and code that is not taken is named, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from cart.carts.domain.cart import MAX_CODES, MAX_LINES, Cart
from cart.carts.domain.cart_state import CartState
from cart.carts.domain.codes import REASON_CODES
from cart.carts.domain.errors import (
    CurrencyNotPriced,
    InvalidDiscountCode,
    MaxCartItemsExceeded,
    MaxItemQuantityExceeded,
    ProductNotFound,
)
from cart.carts.domain.line import Line, item_id_of
from cart.carts.domain.new_item import NewItem
from cart.carts.domain.prices import (
    UnitPrice,
    context_of,
    offer_containing,
    offers_in,
    parts_of_offer,
    price_of_part,
    price_of_product,
    price_of_upsell,
    units_at_own_price,
)
from cart.carts.domain.totals import require_usable
from cart.catalogue.domain.excerpt import CatalogueExcerpt
from contracts import cart as facts
from kernel.domain import Refused
from pricing.codes import key_of
from pricing.promotions import Reason
from pricing.type_rules import room_for

MERGE, REPLACE, REJECT = "merge", "replace", "reject"
REJECTED = "REJECTED"
REJECTED_CODE, REPLACED_CODE, TOO_MANY = "rejected", "replaced", "too_many_codes"


def merge(cart: Cart, guest: CartState, strategy: str, excerpt: CatalogueExcerpt, now: datetime) -> None:
    """Decide what of the guest's cart comes into ``cart``, and record it there. ``strategy``: ``merge``;
    ``replace``, the same into an emptied cart; ``reject``, which takes nothing."""
    if strategy == REJECT:
        lines: list[facts.MergedLine] = []
        not_merged = [_not_merged(line, line.quantity, REJECTED) for line in guest.lines.values()]
        dropped = [
            facts.DroppedCode(code=code, reason=REJECTED_CODE) for _, code in _further_codes(cart, guest)
        ]
        codes = facts.MergedCodes(kept=tuple(cart.codes.values()), dropped=tuple(dropped))
    else:
        replaced = _empty(cart) if strategy == REPLACE else []
        if guest.destination is not None and cart.destination is None:
            cart.set_destination(guest.destination)
        lines, not_merged = _take_lines(cart, guest, excerpt, now)
        codes = _take_codes(cart, guest, replaced, excerpt, now)
    cart.record(
        facts.Merged(
            guest_cart_id=guest.id,
            into_cart_id=cart.id,
            strategy=strategy,
            sessions=guest.sessions,
            lines=tuple(lines),
            not_merged=tuple(not_merged),
            codes=codes,
        )
    )


def _empty(cart: Cart) -> list[facts.DroppedCode]:
    """Remove the cart's lines and codes; the codes."""
    cart.clear()
    codes = list(cart.codes.values())
    for code in codes:
        cart.remove_discount(code)
    return [facts.DroppedCode(code=code, reason=REPLACED_CODE) for code in codes]


def _take_lines(
    cart: Cart, guest: CartState, excerpt: CatalogueExcerpt, now: datetime
) -> tuple[list[facts.MergedLine], list[facts.NotMergedLine]]:
    """The guest's lines in the order in which they came."""
    taken: list[facts.MergedLine] = []
    left: list[facts.NotMergedLine] = []
    for group in _groups(guest, excerpt):
        try:
            items = [_item(line, cart, excerpt, now) for line in group]
            _check(items, cart, excerpt)
        except Refused as refusal:
            left += [_not_merged(line, line.quantity, refusal.code) for line in group]
            continue
        for line, item in zip(group, items, strict=True):
            cart.add_item(item, excerpt)
            taken.append(facts.MergedLine(item_id=item.item_id_in(cart.id), quantity=item.quantity))
            if rest := line.quantity - item.quantity:
                left.append(_not_merged(line, rest, MaxItemQuantityExceeded.code))
    return taken, left


def _check(items: Sequence[NewItem], cart: Cart, excerpt: CatalogueExcerpt) -> None:
    """All of them may be added. Raises MaxCartItemsExceeded, and the refusals of ``Cart.check_item``."""
    fresh = {it.item_id_in(cart.id) for it in items}.difference(cart.lines)
    if len(cart.lines) + len(fresh) > MAX_LINES:
        raise MaxCartItemsExceeded(f"A cart holds at most {MAX_LINES} items.", maximum=MAX_LINES)
    for item in items:
        cart.check_item(item, excerpt)


def _groups(guest: CartState, excerpt: CatalogueExcerpt) -> Iterator[Sequence[Line]]:
    """Lines that go together or not at all: an offer's required products."""
    seen: set[UUID] = set()
    for line in guest.lines.values():
        offer_id = offer_containing(line, excerpt)
        if offer_id is None:
            yield [line]
        elif offer_id not in seen:
            seen.add(offer_id)
            yield [it for it in guest.lines.values() if offer_containing(it, excerpt) == offer_id]


def _item(line: Line, cart: Cart, excerpt: CatalogueExcerpt, now: datetime) -> NewItem:
    """The line as it may come into the cart: as many as fit, but an offer as a whole.

    Raises ProductNotFound, CurrencyNotPriced.
    """
    product = excerpt.products.get(line.product_id)
    if product is None or not product.is_on_sale:
        raise ProductNotFound("There is no such product for sale.")
    quantity = line.quantity
    if offer_containing(line, excerpt) is None:
        item_id = item_id_of(cart.id, line.product_id, line.options, line.offer_id, line.upsell_id)
        held = cart.lines.get(item_id)
        room = room_for(product.details, line.units, held.quantity if held else 0)
        quantity = max(1, min(quantity, room))
    return NewItem(
        product=product,
        price=_price(line, quantity, cart, excerpt, now),
        quantity=quantity,
        options=dict(line.options),
        offer_id=line.offer_id,
        upsell_id=line.upsell_id,
        units=line.units,
        gift_seats=min(line.gift_seats, quantity),
        experiment=line.experiment,
    )


def _price(line: Line, quantity: int, cart: Cart, excerpt: CatalogueExcerpt, now: datetime) -> UnitPrice:
    """In the cart's currency. Raises ProductNotFound, CurrencyNotPriced."""
    context = context_of(cart, excerpt, now)
    if line.upsell_id is not None:
        upsell = excerpt.upsells.get(line.upsell_id)
        is_offered = upsell is not None and upsell.offer_id in offers_in(cart)
        price = price_of_upsell(upsell, excerpt, context, is_offered=is_offered, product_id=line.product_id)
    elif (offer_id := offer_containing(line, excerpt)) is not None:
        offer = excerpt.offers.get(offer_id)
        if offer is None or not offer.is_published:
            raise ProductNotFound("There is no such offer for sale.")
        price = price_of_part(parts_of_offer(offer, excerpt, context, line.experiment), line.product_id)
    else:
        units = units_at_own_price(cart.lines.values(), excerpt)[line.product_id] + quantity * line.units
        price = price_of_product(line.product_id, excerpt, context, units)
    if price is None:
        raise CurrencyNotPriced(f"It has no price in {cart.currency}.")
    return price


def _not_merged(line: Line, quantity: int, reason: str) -> facts.NotMergedLine:
    return facts.NotMergedLine(
        product_id=line.product_id, options=dict(line.options), quantity=quantity, reason=reason
    )


def _take_codes(
    cart: Cart,
    guest: CartState,
    replaced: Sequence[facts.DroppedCode],
    excerpt: CatalogueExcerpt,
    now: datetime,
) -> facts.MergedCodes:
    """The cart's codes, then the guest's, each looked at alone on what the cart holds now. One that does
    nothing is dropped."""
    kept: list[str] = []
    added: list[str] = []
    dropped = list(replaced)
    for promotion_id, code in list(cart.codes.items()):
        if reason := _reason_against(promotion_id, cart, excerpt, now):
            cart.remove_discount(code)
            dropped.append(facts.DroppedCode(code=code, reason=reason))
        else:
            kept.append(code)
    for promotion_id, code in _further_codes(cart, guest):
        if reason := _reason_against(promotion_id, cart, excerpt, now, is_new=True):
            dropped.append(facts.DroppedCode(code=code, reason=reason))
        else:
            cart.apply_discount(promotion_id, code)
            added.append(code)
    return facts.MergedCodes(kept=tuple(kept), added=tuple(added), dropped=tuple(dropped))


def _further_codes(cart: CartState, guest: CartState) -> list[tuple[UUID, str]]:
    """The guest's that the cart has not."""
    present = {key_of(code) for code in cart.codes.values()}
    return [(key, code) for key, code in guest.codes.items() if key_of(code) not in present]


def _reason_against(
    promotion_id: UUID, cart: Cart, excerpt: CatalogueExcerpt, now: datetime, *, is_new: bool = False
) -> str | None:
    try:
        promotion = require_usable(excerpt.promotions.get(promotion_id), cart, excerpt, now)
    except InvalidDiscountCode as refusal:
        return str(refusal.members["reason"])
    if is_new and len(cart.codes) >= MAX_CODES:
        return TOO_MANY
    is_used_up = promotion.used_up or promotion.is_used_up_by(excerpt.customer(cart.customer_id))
    return REASON_CODES[Reason.LIMIT_REACHED] if is_new and is_used_up else None
