"""Customers who send each request once: what a process loses while it is replaced shows as a failure."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.proofs.async_shop import ENDS, Shop
from tests.proofs.caller import Caller, Json, Response
from tests.proofs.journal import UNKNOWN, Operation

PRODUCTS, UNITS, CENTS = 4, 1_000_000, 1999
VISITORS = 4
"""They only read, without a pause: most requests are theirs."""
ANSWER_WITHIN = 60.0
SETTLED_WITHIN = 120.0


CARD, SECOND_CARD, PIX = "card", "second card", "pix"
WAYS = (CARD, SECOND_CARD, PIX)
"""How a purchase is paid: by a card; by another one after the first was declined; at a bank."""


@dataclass
class Tally:
    """What the customers have seen. ``seconds``: of each request."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    ends: dict[str, int] = field(default_factory=dict)
    paid: Counter[str] = field(default_factory=Counter)
    """Completed purchases, by the way in which they were paid."""
    wrong: list[str] = field(default_factory=list)
    """Purchases that ended otherwise than completed, and why."""

    def figures(self) -> dict[str, Any]:
        slowest = statistics.quantiles(self.seconds, n=100)[98] if len(self.seconds) > 1 else 0.0
        return {
            "requests": len(self.seconds),
            "failed": len(self.failures),
            "p99_ms": round(slowest * 1000),
            "purchases": self.ends,
        }


class OnceCaller(Caller):
    """Sends each request once, and counts one without a known outcome as failed."""

    def __init__(self, client: httpx.AsyncClient, urls: dict[str, str], tally: Tally) -> None:
        super().__init__(client, urls, "demo")
        self._tally = tally
        self._own_urls = urls

    async def _until_known(
        self, operation: Operation | None, method: str, service: str, path: str, body: Any, headers: Json
    ) -> Response:
        began = time.monotonic()
        response, seen = await self._once(method, self._own_urls[service] + path, body, headers)
        self._tally.seconds.append(time.monotonic() - began)
        if seen.outcome == UNKNOWN:
            failure = f"{method} {service} {path}: {seen.status} {seen.why or response.body}"
            self._tally.failures.append(failure)
            raise AssertionError(failure)
        return response


class Buyers:
    def __init__(self, shop: Shop, tally: Tally, products: list[str]) -> None:
        self._shop = shop
        self._tally = tally
        self._products = products
        self._numbers = itertools.count()
        self.over = asyncio.Event()
        """Set: nobody begins another purchase."""
        self.ways: Sequence[str] = (CARD,)
        """Of the purchases that begin from now on, in turn."""

    async def buy_on(self) -> None:
        """One customer: purchase after purchase, until ``over``."""
        while not self.over.is_set():
            number = next(self._numbers)
            try:
                await self._buy(number)
            except AssertionError as failed:
                self._tally.wrong.append(f"purchase {number}: {failed}")
            except TimeoutError:
                self._tally.wrong.append(f"purchase {number} has not ended")

    async def look_on(self) -> None:
        """One visitor: looks at a product and at the cart, over and over, until ``over``."""
        product_id = self._products[0]
        name = f"visitor-{next(self._numbers)}"
        cart_id = (await self._shop.cart(name, {product_id: 1})).body["cart_id"]
        while not self.over.is_set():
            for service, path in (("offer", f"/v1/products/{product_id}"), ("cart", f"/v1/carts/{cart_id}")):
                with suppress(AssertionError):  # the tally has it
                    await self._shop.caller.read(service, path)

    async def _buy(self, number: int) -> None:
        name, way = f"buyer-{number}", self.ways[number % len(self.ways)]
        cart = await self._shop.cart(name, {self._products[number % len(self._products)]: 1})
        answer = await self._begin(name, cart.body, way)
        if not answer.ok:
            raise AssertionError(f"the checkout was refused: {answer.body}")
        checkout_id = str(answer.body["checkout_id"])
        if way != CARD:
            await self._act(name, await self._until(checkout_id, ENDS | {"requires_action"}), way)
        found = await self._until(checkout_id, ENDS)
        end = found["status"]
        self._tally.ends[end] = self._tally.ends.get(end, 0) + 1
        if end == "completed":
            self._tally.paid[way] += 1
        else:
            self._tally.wrong.append(f"purchase {number} by {way} has {end}: {found['failure']}")

    async def _begin(self, name: str, cart: Json, way: str) -> Response:
        if way == PIX:
            return await self._shop.check_out_by({"method": "pix"}, name, cart, name)
        if way == SECOND_CARD:
            payment = {"method": "card", "token": "tok_declined", "max_attempts": 2}
            return await self._shop.check_out_by(payment, name, cart, name)
        return await self._shop.check_out(name, cart, "tok_ok", name)

    async def _act(self, name: str, waiting: Json, way: str) -> None:
        """What the customer does while the checkout waits: pay at a bank and come back, or give another
        card."""
        caller, path = self._shop.caller, f"/v1/checkouts/{waiting['checkout_id']}"
        if way == PIX:
            payment_id = waiting["attempts"][-1]["payment_id"]
            pay = f"/v1/simulated-gateway/payments/{payment_id}/act"
            await caller.post("gateway", pay, {"do": "pay"}, f"pay {name}", "ops")
            await caller.post("checkout-saga", f"{path}/confirm-action", None, f"back {name}")
        else:
            card = {"method": "card", "token": "tok_ok"}
            await caller.post("checkout-saga", f"{path}/payment", card, f"again {name}")

    async def _until(self, checkout_id: str, statuses: Set[str]) -> Json:
        async with asyncio.timeout(SETTLED_WITHIN):
            while (found := await self._shop.checkout(checkout_id, 1000))["status"] not in statuses:
                pass
        return found


@asynccontextmanager
async def buying(
    urls: dict[str, str], count: int, tally: Tally, *, keep_connections: bool
) -> AsyncIterator[Buyers]:
    """Let so many customers buy until the end of the block, and wait for their last purchases.

    ``keep_connections``: whether a connection is used for several requests.
    """
    limits = httpx.Limits(max_keepalive_connections=None if keep_connections else 0)
    transport = httpx.AsyncHTTPTransport(retries=0, limits=limits, trust_env=False)
    async with httpx.AsyncClient(transport=transport, timeout=ANSWER_WITHIN) as client:
        shop = Shop(OnceCaller(client, urls, tally))
        products = [await shop.product(f"thing {it}", CENTS, UNITS) for it in range(PRODUCTS)]
        await _until_known(urls, products)
        buyers = Buyers(shop, tally, products)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(count):
                tasks.create_task(buyers.buy_on())
            for _ in range(VISITORS):
                tasks.create_task(buyers.look_on())
            try:
                yield buyers
            finally:
                buyers.over.set()


async def _until_known(urls: dict[str, str], products: list[str]) -> None:
    """Until the cart service knows the products: what it refuses before is no failure."""
    async with httpx.AsyncClient(trust_env=False) as client:
        patient = Shop(Caller(client, urls, "demo"))
        async with asyncio.timeout(SETTLED_WITHIN):
            for number, product_id in enumerate(products):
                while True:
                    try:
                        await patient.cart(f"probe-{number}-{time.monotonic()}", {product_id: 1})
                        break
                    except AssertionError:
                        await asyncio.sleep(0.2)
