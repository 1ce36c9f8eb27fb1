"""Customers who buy nothing and write all the time, so that every crash interrupts a write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from tests.proofs.async_shop import Shop
from tests.proofs.verdict import Verdict

MOST_OF_A_LINE = 10
THINK_SECONDS = 0.1


@dataclass
class Browser:
    """Adds units to carts one by one; for each, one unit is added to the product's stock."""

    name: str
    shop: Shop
    product_id: str
    added: dict[str, int] = field(default_factory=dict)
    """By cart: the units whose addition was confirmed."""
    received: int = 0

    async def browse(self, ended: Callable[[], bool]) -> None:
        for number in count():
            if ended():
                return
            response = await self.shop.cart(f"{self.name} {number}", {})
            cart_id = response.body["cart_id"]
            self.added[cart_id] = 0
            for unit in range(MOST_OF_A_LINE):
                await self._add(cart_id, f"{self.name} {number} {unit}")
                await asyncio.sleep(THINK_SECONDS)

    async def _add(self, cart_id: str, name: str) -> None:
        item = {"product_id": self.product_id, "quantity": 1}
        await self.shop.caller.post("cart", f"/v1/carts/{cart_id}/items", item, f"add {name}")
        self.added[cart_id] += 1
        path = f"/v1/products/{self.product_id}/stock/receipts"
        await self.shop.caller.post("offer", path, {"quantity": 1}, f"receive {name}", "admin")
        self.received += 1

    async def check(self, verdict: Verdict) -> None:
        for cart_id, units in self.added.items():
            cart = await self.shop.caller.read("cart", f"/v1/carts/{cart_id}")
            found = sum(it["quantity"] for it in cart["items"])
            verdict.expect(found == units, f"cart {cart_id} was given {units} units and holds {found}")
        left = await self.shop.stock(self.product_id)
        wanted = self.received, 0
        verdict.expect(left == wanted, f"{self.name}'s shelf was given {wanted} and holds {left}")
