"""All facts of made-up purchases on the topics of carts and checkouts, as they come when many buy at once."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from checkout_saga.checkout.domain import workflow
from contracts import cart, checkout, payment
from tests.support.purchases import PRODUCTS, Happening, Purchase

DAY = datetime(2026, 1, 1, tzinfo=UTC)
LINES = (("mug", 2, 2000), ("cap", 1, 333))
IN_FLIGHT = 64
"""Purchases that are under way at any time."""
ONE_FAILS_OF = 10


class WholePurchase(Purchase):
    """With all facts of the cart and the process manager, also those that no read model uses."""

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
        """The facts of every purchase, up to its authorization."""
        self.filled().begin()
        self._begin_step(workflow.LOCK_CART).lock()
        self._complete_step(workflow.LOCK_CART, sale=self.sale.model_dump(mode="json"))
        for step in (workflow.RESERVE_STOCK, workflow.RESERVE_PROMOTIONS, workflow.CONFIRM_PRICE):
            self._begin_step(step)._complete_step(step)
        self._complete_step(workflow.RESOLVE_CUSTOMER)._begin_step(workflow.AUTHORIZE)
        return self

    def bought_whole(self) -> WholePurchase:
        self.authorized()._fact(self.payment_id, payment.Authorized, **self._paid(self.total))
        self._complete_step(workflow.AUTHORIZE, reference="abc").order()
        self._complete_step(workflow.CREATE_ORDER, order_id=str(self.order_id))._begin_step(workflow.CAPTURE)
        self._reply(cart.Held).capture()
        self._complete_step(workflow.CAPTURE, reference="def")
        self._begin_step(workflow.CONFIRM_STOCK)._complete_step(workflow.CONFIRM_STOCK).fulfill()
        self._complete_step(workflow.FULFILL)._complete_step(workflow.COMPLETE).complete()
        self._reply(cart.Converted, order_id=self.order_id)
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
        self._reply(cart.Unlocked, reason="PAYMENT_DECLINED").fail(workflow.AUTHORIZE, "PAYMENT_DECLINED")
        return self

    def _reply(self, kind: type[cart.Held | cart.Converted | cart.Unlocked], **more: Any) -> Purchase:
        return self._fact(self.cart_id, kind, checkout_id=self.checkout_id, step=workflow.CAPTURE, **more)

    def _begin_step(self, step: str) -> WholePurchase:
        self._fact(self.checkout_id, checkout.StepStarted, step=step)
        return self

    def _complete_step(self, step: str, **data: Any) -> WholePurchase:
        self._fact(self.checkout_id, checkout.StepCompleted, step=step, data=data)
        return self


def whole(number: int) -> Purchase:
    purchase = WholePurchase(number, DAY + timedelta(hours=number % 72), LINES)
    return purchase.declined() if number % ONE_FAILS_OF == 0 else purchase.bought_whole()


def relevant(number: int) -> Purchase:
    """Only facts that read models use, in streams of another tenant, which hold nothing else."""
    return Purchase(number, DAY + timedelta(hours=number % 72), LINES, tenant="other").bought()


def mixed(purchases: Callable[[int], Purchase]) -> Iterator[Happening]:
    """Endless; the facts of each purchase in order, those of many interleaved."""
    dice = random.Random(1)  # the same mixture in every run
    numbers = count()
    under_way: list[deque[Happening]] = [deque() for _ in range(IN_FLIGHT)]
    while True:
        slot = dice.randrange(IN_FLIGHT)
        if not under_way[slot]:
            under_way[slot].extend(purchases(next(numbers)).happened)
        yield under_way[slot].popleft()
