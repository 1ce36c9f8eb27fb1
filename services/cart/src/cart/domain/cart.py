"""A customer's cart: what may go in, what is in it, and which checkout holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never
from uuid import UUID

from cart.domain.catalogue import Product
from cart.domain.errors import (
    CartNotActive,
    CheckoutInProgress,
    CurrencyNotPriced,
    DiscountAlreadyApplied,
    DiscountNotFound,
    ItemNotFound,
    MaxCartItemsExceeded,
)
from cart.domain.line import Line, item_id_of
from cart.domain.restrictions import check_company, check_quantity
from cart.domain.status import Lock, Status
from contracts import cart as facts
from contracts.sale import Sale
from kernel.domain import BEFORE_TIME, Aggregate
from pricing.codes import canonical, key_of

MOST_LINES = 50


class Cart(Aggregate):
    BEGINS_WITH = facts.Created.TYPE

    def begin(self) -> None:
        self.session_id = ""
        self.customer_id: str | None = None
        self.currency = ""
        self.cart_type = ""
        self.metadata: Mapping[str, Any] = {}
        self.expires_at = BEFORE_TIME
        self.status = Status.ACTIVE
        self.lines: dict[UUID, Line] = {}
        self.codes: dict[UUID, str] = {}
        self.locks: dict[UUID, Lock] = {}
        """Every lock that was ever granted, by its checkout."""
        self.holder: UUID | None = None
        """The checkout that holds the cart now, or has bought it."""
        self.order_id: UUID | None = None

    @property
    def lock(self) -> Lock | None:
        """The lock that the cart is under, or was sold under."""
        return self.locks.get(self.holder) if self.holder else None

    @property
    def product_ids(self) -> set[UUID]:
        return {line.product_id for line in self.lines.values()}

    @property
    def is_open(self) -> bool:
        """Whether it still is its session's cart."""
        return self.status in {Status.ACTIVE, Status.LOCKED}

    def lock_is_over(self, now: datetime) -> bool:
        lock = self.lock
        return self.status is Status.LOCKED and lock is not None and not lock.held and lock.expires_at <= now

    def is_overdue(self, now: datetime) -> bool:
        """Its time has passed, and no checkout holds it."""
        return self.status_at(now) is Status.EXPIRED and self.status is not Status.EXPIRED

    def status_at(self, now: datetime) -> Status:
        """What it is by now, also where the timer has not got round to it yet."""
        status = Status.ACTIVE if self.lock_is_over(now) else self.status
        return Status.EXPIRED if status is Status.ACTIVE and self.expires_at <= now else status

    def must_be_active(self, now: datetime) -> None:
        status = self.status_at(now)
        if status is not Status.ACTIVE:
            raise CartNotActive(f"the cart is {status}", cart_status=status)

    def must_be_lockable(self, now: datetime) -> None:
        if self.status_at(now) is Status.LOCKED:
            raise CheckoutInProgress("another checkout holds the cart", checkout_id=self.holder)
        self.must_be_active(now)

    def create(
        self,
        *,
        session_id: str,
        customer_id: str | None,
        currency: str,
        cart_type: str,
        metadata: Mapping[str, Any],
        expires_at: datetime,
    ) -> None:
        self.trigger_event(
            facts.Created,
            session_id=session_id,
            customer_id=customer_id,
            currency=currency,
            cart_type=cart_type,
            metadata=metadata,
            expires_at=expires_at,
        )

    def add_item(self, product: Product, quantity: int, options: Mapping[str, Any]) -> None:
        price = product.price_in(self.currency)
        if price is None:
            raise CurrencyNotPriced(f"{product.details.sku} has no price in {self.currency}")
        item_id = item_id_of(self.id, product.product_id, options)
        line = self.lines.get(item_id)
        check_company(product.product_id, product.details, self.lines.values())
        check_quantity(product.details, quantity + (line.quantity if line else 0))
        if line is None and len(self.lines) >= MOST_LINES:
            raise MaxCartItemsExceeded(f"a cart holds at most {MOST_LINES} lines", maximum=MOST_LINES)
        self.trigger_event(
            facts.ItemAdded,
            item_id=item_id,
            product_id=product.product_id,
            product_type=product.details.type,
            sku=product.details.sku,
            name=product.details.name,
            quantity=quantity,
            unit_price=price,
            options=options,
        )

    def product_of(self, item_id: UUID) -> UUID:
        return self._line(item_id).product_id

    def change_quantity(self, item_id: UUID, product: Product, quantity: int) -> None:
        line = self._line(item_id)
        check_quantity(product.details, quantity)
        if quantity != line.quantity:
            self.trigger_event(facts.ItemQuantityChanged, item_id=item_id, quantity=quantity)

    def remove_item(self, item_id: UUID) -> None:
        self._line(item_id)
        self.trigger_event(facts.ItemRemoved, item_id=item_id)

    def clear(self) -> None:
        if self.lines:
            self.trigger_event(facts.Cleared)

    def must_not_have_code(self, key: str | None) -> None:
        if key is not None and any(key_of(it) == key for it in self.codes.values()):
            raise DiscountAlreadyApplied("this code is on the cart already")

    def apply_discount(self, promotion_id: UUID, code: str) -> None:
        self.trigger_event(facts.DiscountApplied, code=code, promotion_id=promotion_id)

    def remove_discount(self, typed: str) -> None:
        key = canonical(typed)
        code = next((it for it in self.codes.values() if key_of(it) == key), None)
        if code is None:
            raise DiscountNotFound("this code is not on the cart")
        self.trigger_event(facts.DiscountRemoved, code=code)

    def reprice(self, prices: Mapping[UUID, int | None]) -> None:
        """Take over what the catalogue asks for by now; what it no longer prices keeps its price."""
        changed = list(self._changed(prices))
        if changed:
            self.trigger_event(facts.Repriced, items=tuple(changed))

    def _changed(self, prices: Mapping[UUID, int | None]) -> Iterable[facts.RepricedItem]:
        for line in self.lines.values():
            price = prices.get(line.product_id)
            if price is not None and price != line.unit_price:
                yield facts.RepricedItem(
                    item_id=line.item_id, unit_price=price, previous_price=line.unit_price
                )

    def lock_for(self, checkout_id: UUID, step: str, expires_at: datetime, sale: Sale) -> None:
        self.trigger_event(
            facts.Locked,
            checkout_id=checkout_id,
            step=step,
            session_id=self.session_id,
            customer_id=self.customer_id,
            lock_expires_at=expires_at,
            sale=sale,
        )

    def hold_for(self, checkout_id: UUID, step: str) -> None:
        self.trigger_event(facts.Held, checkout_id=checkout_id, step=step)

    def unlock(self, checkout_id: UUID, step: str, reason: str) -> None:
        self.trigger_event(facts.Unlocked, checkout_id=checkout_id, step=step, reason=reason)

    def convert(self, checkout_id: UUID, step: str, order_id: UUID) -> None:
        self.trigger_event(facts.Converted, checkout_id=checkout_id, step=step, order_id=order_id)

    def expire(self) -> None:
        self.trigger_event(facts.Expired)

    def _line(self, item_id: UUID) -> Line:
        line = self.lines.get(item_id)
        if line is None:
            raise ItemNotFound("there is no such item in the cart")
        return line

    def evolve(self, fact: facts.CartFact) -> None:  # noqa: PLR0912  # one case per fact
        match fact:
            case facts.Created():
                self.session_id, self.customer_id = fact.session_id, fact.customer_id
                self.currency, self.cart_type = fact.currency, fact.cart_type
                self.metadata, self.expires_at = fact.metadata, fact.expires_at
            case facts.ItemAdded(item_id=item_id):
                known = self.lines.get(item_id)
                already = known.quantity if known else 0
                self.lines[item_id] = replace(known or Line.begun_by(fact), quantity=already + fact.quantity)
            case facts.ItemQuantityChanged(item_id=item_id, quantity=quantity):
                self.lines[item_id] = replace(self.lines[item_id], quantity=quantity)
            case facts.ItemRemoved(item_id=item_id):
                del self.lines[item_id]
            case facts.Cleared():
                self.lines.clear()
            case facts.DiscountApplied(code=code, promotion_id=promotion_id):
                self.codes[promotion_id] = code
            case facts.DiscountRemoved(code=code):
                self.codes = {it: known for it, known in self.codes.items() if known != code}
            case facts.Repriced(items=items):
                for it in items:
                    self.lines[it.item_id] = replace(
                        self.lines[it.item_id], unit_price=it.unit_price, previous_price=it.previous_price
                    )
            case facts.Locked(checkout_id=checkout_id, step=step, lock_expires_at=until, sale=sale):
                self.status, self.holder = Status.LOCKED, checkout_id
                self.locks[checkout_id] = Lock(checkout_id, step, until, sale)
            case facts.Held(checkout_id=checkout_id):
                self.locks[checkout_id] = replace(self.locks[checkout_id], held=True)
            case facts.Unlocked():
                self.status, self.holder = Status.ACTIVE, None
            case facts.Converted(checkout_id=checkout_id, order_id=order_id):
                self.status, self.holder, self.order_id = Status.CONVERTED, checkout_id, order_id
            case facts.Expired():
                self.status = Status.EXPIRED
            case _:
                assert_never(fact)
