"""All facts of made-up purchases on the topics of carts and checkouts, as they come when many buy at once."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from checkout_saga.checkout.domain import step_names
from contracts import cart, checkout, payment
from contracts.process import StepDone, StepRefused
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
        self._advanced(step_names.LOCK_CART).lock()
        offers = (step_names.RESERVE_STOCK, step_names.RESERVE_PROMOTIONS, step_names.CONFIRM_PRICE)
        sale = self.sale.model_dump(mode="json")
        self._advanced(*offers, done=[StepDone(step=step_names.LOCK_CART, data={"sale": sale})])
        for step in offers[:2]:
            self._advanced(done=[StepDone(step=step)])
        ended = StepDone(step=step_names.CONFIRM_PRICE), StepDone(step=step_names.RESOLVE_CUSTOMER)
        return self._advanced(step_names.AUTHORIZE, done=ended)

    def bought_whole(self) -> WholePurchase:
        self.authorized()._fact(self.payment_id, payment.Authorized, **self._paid(self.total))
        self.order()
        ended = (
            StepDone(step=step_names.AUTHORIZE, data={"reference": "abc"}),
            StepDone(step=step_names.CREATE_ORDER, data={"order_id": str(self.order_id)}),
        )
        self._advanced(step_names.CAPTURE, done=ended)
        self._reply(cart.Held).capture()
        captured = StepDone(step=step_names.CAPTURE, data={"reference": "def"})
        self._advanced(step_names.CONFIRM_STOCK, done=[captured])
        last = (step_names.CONFIRM_STOCK, step_names.FULFILL, step_names.COMPLETE)
        self.fulfill()
        self._advanced(done=[StepDone(step=it) for it in last]).complete()
        self._reply(cart.Converted, order_id=self.order_id)
        return self

    def declined(self) -> WholePurchase:
        refused: dict[str, Any] = {"code": "PAYMENT_DECLINED", "detail": "the gateway refused"}
        self.authorized()
        self._fact(self.payment_id, payment.Declined, operation="authorize", code="X", **self._paid(0))
        self._advanced(refused=StepRefused(step=step_names.AUTHORIZE, **refused))
        undone = (step_names.RESERVE_PROMOTIONS, step_names.RESERVE_STOCK, step_names.LOCK_CART)
        started = {"phase": step_names.AUTHORIZE, "undoing": undone, **refused}
        self._fact(self.checkout_id, checkout.CompensationStarted, **started)
        for step in undone:
            self._advanced(undone=(step,))
        self._reply(cart.Unlocked, reason="PAYMENT_DECLINED").fail(step_names.AUTHORIZE, "PAYMENT_DECLINED")
        return self

    def _reply(self, kind: type[cart.Held | cart.Converted | cart.Unlocked], **more: Any) -> Purchase:
        return self._fact(self.cart_id, kind, checkout_id=self.checkout_id, step=step_names.CAPTURE, **more)

    def _advanced(self, *begun: str, done: Iterable[StepDone] = (), **parts: Any) -> WholePurchase:
        self._fact(self.checkout_id, checkout.Advanced, begun=begun, done=tuple(done), **parts)
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
