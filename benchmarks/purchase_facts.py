"""All facts of made-up purchases on the topics of carts and checkouts, as they come when many buy at once."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from checkout_saga.domain import workflow
from contracts import cart, checkout, payment
from tests.support.purchases import PRODUCTS, Happening, Purchase

DAY = datetime(2026, 1, 1, tzinfo=UTC)
LINES = (("mug", 2, 2000), ("cap", 1, 333))
AT_ONCE = 64
"""Purchases that are under way at any time."""
ONE_FAILS_OF = 10


class WholePurchase(Purchase):
    """With what the cart and the process manager tell besides what read models want to know."""

    def filled(self) -> WholePurchase:
        self._fact(
            self.cart_id,
            cart.Created,
            session_id="a session",
            currency=self.currency,
            cart_type="standard",
            expires_at=self._clock,
        )
        for sku, quantity, total in self.lines:
            item = {"item_id": PRODUCTS[sku], "product_id": PRODUCTS[sku], "product_type": "physical"}
            price = {"sku": sku, "name": sku.title(), "quantity": quantity, "unit_price": total // quantity}
            self._fact(self.cart_id, cart.ItemAdded, **item, **price)
        self._fact(self.cart_id, cart.DiscountApplied, code="SUMMER", promotion_id=PRODUCTS["pen"])
        return self

    def authorized(self) -> WholePurchase:
        """As far as every purchase comes."""
        self.filled().begin()
        self._begun(workflow.LOCK_CART).lock()
        self._done(workflow.LOCK_CART, sale=self.sale.model_dump(mode="json"))
        for step in (workflow.RESERVE_STOCK, workflow.RESERVE_PROMOTIONS, workflow.CONFIRM_PRICE):
            self._begun(step)._done(step)
        self._done(workflow.RESOLVE_CUSTOMER)._begun(workflow.AUTHORIZE)
        return self

    def bought_whole(self) -> WholePurchase:
        self.authorized()._fact(self.payment_id, payment.Authorized, **self._paid(self.total))
        self._done(workflow.AUTHORIZE, reference="abc").order()
        self._done(workflow.CREATE_ORDER, order_id=str(self.order_id))._begun(workflow.CAPTURE)
        self._answered(cart.Held).capture()
        self._done(workflow.CAPTURE, reference="def")
        self._begun(workflow.CONFIRM_STOCK)._done(workflow.CONFIRM_STOCK).fulfill()
        self._done(workflow.FULFILL)._done(workflow.COMPLETE).complete()
        self._answered(cart.Converted, order_id=self.order_id)
        return self

    def declined(self) -> WholePurchase:
        refused = {"code": "PAYMENT_DECLINED", "detail": "the gateway refused"}
        self.authorized()
        self._fact(self.payment_id, payment.Declined, operation="authorize", code="X", **self._paid(0))
        self._fact(self.checkout_id, checkout.StepFailed, step=workflow.AUTHORIZE, **refused)
        self._fact(self.checkout_id, checkout.CompensationStarted, phase=workflow.AUTHORIZE, **refused)
        undone = (workflow.RESERVE_PROMOTIONS, workflow.RESERVE_STOCK, workflow.LOCK_CART)
        for step in undone:
            self._fact(self.checkout_id, checkout.StepCompensationStarted, step=step)
        for step in undone:
            self.compensate(step)
        self._answered(cart.Unlocked, reason="PAYMENT_DECLINED").fail(workflow.AUTHORIZE, "PAYMENT_DECLINED")
        return self

    def _answered(self, kind: type[cart.Held | cart.Converted | cart.Unlocked], **more: Any) -> Purchase:
        return self._fact(self.cart_id, kind, checkout_id=self.checkout_id, step=workflow.CAPTURE, **more)

    def _begun(self, step: str) -> WholePurchase:
        self._fact(self.checkout_id, checkout.StepStarted, step=step)
        return self

    def _done(self, step: str, **data: Any) -> WholePurchase:
        self._fact(self.checkout_id, checkout.StepCompleted, step=step, data=data)
        return self


def whole(number: int) -> Purchase:
    it = WholePurchase(number, DAY + timedelta(hours=number % 72), LINES)
    return it.declined() if number % ONE_FAILS_OF == 0 else it.bought_whole()


def told(number: int) -> Purchase:
    """Only what read models are made from; the streams of another tenant, which hold nothing else."""
    return Purchase(number, DAY + timedelta(hours=number % 72), LINES, tenant="other").bought()


def mixed(purchases: Callable[[int], Purchase]) -> Iterator[Happening]:
    """For ever; each purchase's facts in order, those of many mixed."""
    dice = random.Random(1)  # the same mixture in every run
    numbers = count()
    under_way: list[deque[Happening]] = [deque() for _ in range(AT_ONCE)]
    while True:
        place = dice.randrange(AT_ONCE)
        if not under_way[place]:
            under_way[place].extend(purchases(next(numbers)).happened)
        yield under_way[place].popleft()
