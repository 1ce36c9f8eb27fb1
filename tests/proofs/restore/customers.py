"""Customers who buy one thing after the other while the shop is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.proofs.async_shop import Shop
from tests.proofs.verdict import Verdict


class Customers:
    """Buy one thing after the other while the shop is open."""

    def __init__(self, shop: Shop, product_id: str, verdict: Verdict) -> None:
        self._shop = shop
        self._product_id = product_id
        self._verdict = verdict
        self._open = asyncio.Event()
        self.under_way = 0
        self.completed: list[str] = []

    async def buy(self, buyer: int) -> None:
        for count in range(1_000_000):
            await self._open.wait()
            await self.purchase(f"buyer {buyer} purchase {count}")

    async def purchase(self, name: str, customer_id: str | None = None) -> None:
        self.under_way += 1
        checkout_id = await self.start(name, "tok_ok", customer_id)
        ended = await self._shop.settled(checkout_id)
        self._verdict.expect(ended["status"] == "completed", f"{checkout_id}: {ended}")
        self.completed.append(checkout_id)
        self.under_way -= 1

    async def start(self, name: str, token: str, customer_id: str | None = None) -> str:
        """``customer_id``: without it, a customer who buys this once."""
        cart = await self._shop.cart(name, {self._product_id: 1})
        customer_id = customer_id or name.replace(" ", "-")
        response = await self._shop.check_out(name, cart.body, token, customer_id)
        if not response.ok:
            raise AssertionError(f"{name}: refused: {response.status} {response.body}")
        return str(response.body["checkout_id"])

    @asynccontextmanager
    async def buying(self) -> AsyncIterator[None]:
        self._open.set()
        try:
            yield
        finally:
            self._open.clear()
