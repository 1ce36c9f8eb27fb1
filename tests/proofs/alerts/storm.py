"""Purchases in the background, during the whole proof: without them most faults would change nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

from tests.proofs.async_shop import Shop
from tests.proofs.caller import Caller, client

BUYERS = 4
PAUSE_SECONDS = 0.5
ANSWER_WITHIN = 5.0
DECLINED_EVERY = 9
"""Every so many purchases a card is declined: a business reason, which no alert is about."""
PLENTY = 1_000_000


class Storm:
    def __init__(self, urls: dict[str, str]) -> None:
        self._urls = urls
        self._shop: Shop | None = None
        self._product = ""
        self._buying: list[asyncio.Task[None]] = []
        self.outcomes: Counter[str] = Counter()

    @property
    def shop(self) -> Shop:
        assert self._shop is not None, "not begun"
        return self._shop

    async def run(self, proof: asyncio.Event) -> None:
        """Buy until the event is set."""
        async with client(ANSWER_WITHIN) as http:
            self._shop = Shop(Caller(http, self._urls, "demo"))
            self._product = await self._shop.product("something to buy", 1999, PLENTY)
            self._buying = [asyncio.create_task(self._buy_on(number)) for number in range(BUYERS)]
            await proof.wait()
            for task in self._buying:
                task.cancel()
            await asyncio.gather(*self._buying, return_exceptions=True)

    async def begin(self, token: str) -> str:
        """Start one checkout, and return its id."""
        name = uuid4().hex
        cart = await self.shop.cart(name, {self._product: 1})
        answer = await self.shop.check_out(name, cart.body, token, name)
        return str(answer.body.get("checkout_id", ""))

    async def _buy_on(self, number: int) -> None:
        count = number
        while True:
            count += 1
            try:
                await self.begin("tok_declined" if count % DECLINED_EVERY == 0 else "tok_ok")
                self.outcomes["begun"] += 1
            except (AssertionError, TimeoutError) as refused:
                self.outcomes[type(refused).__name__] += 1
            await asyncio.sleep(PAUSE_SECONDS)
