"""The facts of a cart with defaults, so that a test names only what matters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cart.carts.domain.line import item_id_of
from cart.carts.domain.lock_attempt import lock_attempt_id
from contracts import cart as facts
from contracts.sale import Destination, Policy, Sale, SaleLine, Totals
from tests.support.scenario import NOW, stamp

CART = UUID(int=1)
MUG, LAMP = UUID(int=11), UUID(int=12)
CHECKOUT, OTHER_CHECKOUT = UUID(int=21), UUID(int=22)
ORDER = UUID(int=31)
SAVE10 = UUID(int=41)
STEP = "lock_cart"
ATTEMPT = lock_attempt_id(CHECKOUT)
OTHER_ATTEMPT = lock_attempt_id(OTHER_CHECKOUT)
EXPIRES = NOW + timedelta(hours=72)
LOCK_EXPIRES = NOW + timedelta(minutes=30)


def item(product_id: UUID = MUG, options: Mapping[str, Any] | None = None) -> UUID:
    return item_id_of(CART, product_id, options or {})


def created(
    currency: str = "USD", expires_at: datetime = EXPIRES, customer_id: str | None = "ann"
) -> facts.Created:
    return facts.Created(
        **stamp(CART),
        session_id="session",
        customer_id=customer_id,
        currency=currency,
        cart_type="standard",
        expires_at=expires_at,
    )


def item_added(
    quantity: int = 1,
    unit_price: int = 500,
    product_id: UUID = MUG,
    product_type: str = "physical_product",
    options: dict[str, Any] | None = None,
) -> facts.ItemAdded:
    return facts.ItemAdded(
        **stamp(CART),
        item_id=item(product_id, options),
        product_id=product_id,
        product_type=product_type,
        sku=f"sku-{product_id.int}",
        name=f"Product {product_id.int}",
        quantity=quantity,
        unit_price=unit_price,
        options=options or {},
    )


def quantity_changed(quantity: int, product_id: UUID = MUG) -> facts.ItemQuantityChanged:
    return facts.ItemQuantityChanged(**stamp(CART), item_id=item(product_id), quantity=quantity)


def item_removed(product_id: UUID = MUG) -> facts.ItemRemoved:
    return facts.ItemRemoved(**stamp(CART), item_id=item(product_id))


def cleared() -> facts.Cleared:
    return facts.Cleared(**stamp(CART))


def discount_applied(code: str = "SAVE10", promotion_id: UUID = SAVE10) -> facts.DiscountApplied:
    return facts.DiscountApplied(**stamp(CART), code=code, promotion_id=promotion_id)


def discount_removed(code: str = "SAVE10") -> facts.DiscountRemoved:
    return facts.DiscountRemoved(**stamp(CART), code=code)


def repriced(before: int, after: int, product_id: UUID = MUG, reason: str = "catalogue") -> facts.Repriced:
    changed = facts.RepricedItem(item_id=item(product_id), unit_price=after, previous_price=before)
    return facts.Repriced(**stamp(CART), items=(changed,), reason=reason)


def destination_set(country: str, region: str | None = None) -> facts.DestinationSet:
    return facts.DestinationSet(**stamp(CART), country=country, region=region)


def customer_set(customer_id: str) -> facts.CustomerSet:
    return facts.CustomerSet(**stamp(CART), customer_id=customer_id)


def sale(
    quantity: int = 1,
    unit_price: int = 500,
    product_id: UUID = MUG,
    *,
    tax: int = 0,
    destination: Destination | None = None,
    at: datetime = NOW,
) -> Sale:
    """One line, no discount; the tax comes on top. ``at``: when it was priced."""
    subtotal = quantity * unit_price
    total = subtotal + tax
    line = SaleLine(
        line_id=str(item(product_id)),
        product_id=product_id,
        product_type="physical_product",
        sku=f"sku-{product_id.int}",
        name=f"Product {product_id.int}",
        quantity=quantity,
        unit_price=unit_price,
        discount=0,
        tax=tax,
        total=total,
    )
    totals = Totals(subtotal=subtotal, discount=0, shipping=0, tax=tax, total=total)
    return Sale(
        currency="USD",
        lines=(line,),
        totals=totals,
        destination=destination,
        priced_at=at,
        policy=Policy(),
    )


def locked(
    checkout_id: UUID = CHECKOUT,
    until: datetime = LOCK_EXPIRES,
    frozen: Sale | None = None,
    stream: UUID = CART,
    customer_id: str | None = "ann",
    shown: int | None = None,
    refused: tuple[facts.RefusedRequest, ...] | None = None,
) -> facts.Locked:
    """``shown``: by default the total of the sale."""
    frozen_sale = frozen or sale()
    return facts.Locked(
        **stamp(stream),
        checkout_id=checkout_id,
        step=STEP,
        session_id="session",
        customer_id=customer_id,
        lock_expires_at=until,
        sale=frozen_sale,
        shown=frozen_sale.totals.total if shown is None else shown,
        refused_requests=refused,
    )


def unlocked(
    checkout_id: UUID = CHECKOUT,
    reason: str = "payment declined",
    stream: UUID = CART,
    *,
    detached: bool | None = None,
) -> facts.Unlocked:
    return facts.Unlocked(
        **stamp(stream), checkout_id=checkout_id, step=STEP, reason=reason, detached=detached
    )


def held(
    checkout_id: UUID = CHECKOUT,
    step: str = "capture_payment",
    until: datetime | None = None,
    *,
    detached: bool | None = None,
) -> facts.Held:
    return facts.Held(**stamp(CART), checkout_id=checkout_id, step=step, until=until, detached=detached)


def lock_refused(
    code: str,
    detail: str,
    *,
    checkout_id: UUID = CHECKOUT,
    held_by: UUID | None = None,
    cart_status: str | None = None,
    **more: Any,
) -> facts.LockRefused:
    return facts.LockRefused(
        **stamp(lock_attempt_id(checkout_id)),
        checkout_id=checkout_id,
        step=STEP,
        code=code,
        detail=detail,
        held_by=held_by,
        cart_status=cart_status,
        **more,
    )


def converted(checkout_id: UUID = CHECKOUT, stream: UUID = CART) -> facts.Converted:
    return facts.Converted(**stamp(stream), checkout_id=checkout_id, step="complete", order_id=ORDER)


def conversion_refused(
    code: str,
    detail: str,
    *,
    checkout_id: UUID = CHECKOUT,
    held_by: UUID | None = None,
    cart_status: str | None = None,
) -> facts.ConversionRefused:
    return facts.ConversionRefused(
        **stamp(lock_attempt_id(checkout_id)),
        checkout_id=checkout_id,
        step="complete",
        code=code,
        detail=detail,
        held_by=held_by,
        cart_status=cart_status,
    )


def expired() -> facts.Expired:
    return facts.Expired(**stamp(CART))


def abandoned(
    value: int = 500, items: int = 1, last_activity_at: datetime = NOW, customer_id: str | None = "ann"
) -> facts.Abandoned:
    return facts.Abandoned(
        **stamp(CART),
        customer_id=customer_id,
        currency="USD",
        value=value,
        items=items,
        last_activity_at=last_activity_at,
    )


def recovery_due(attempt: int, quantity: int = 1, unit_price: int = 500) -> facts.RecoveryDue:
    total = quantity * unit_price
    return facts.RecoveryDue(
        **stamp(CART),
        attempt=attempt,
        customer_id="ann",
        currency="USD",
        totals=Totals(subtotal=total, discount=0, shipping=0, tax=0, total=total),
        lines=(facts.RecoveryLine(name="Product 11", quantity=quantity, total=total),),
        expires_at=EXPIRES,
    )


def recovery_skipped(attempt: int) -> facts.RecoverySkipped:
    return facts.RecoverySkipped(**stamp(CART), attempt=attempt)


def recovered(by: str = "activity", attempt: int | None = None) -> facts.Recovered:
    return facts.Recovered(**stamp(CART), by=by, attempt=attempt)
