"""What the journeys do at a shop: buy several things at once, pay at a bank, and let time pass."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from demo import ledger
from demo.figures import poll_until
from demo.journeys.story import Story
from demo.shopping.api import Api, Refusal
from demo.shopping.desk import Desk
from demo.shopping.shop import CURRENCY, FINAL_STATUSES, GATEWAY, MAX_WAIT_MS, RUNNING_STATUSES, Goods

Json: TypeAlias = dict[str, Any]
CARD = {"method": "card", "token": "tok_ok"}
ENDED_WITHIN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The shop of one tenant, and the figures of what happens there."""

    api: Api
    desk: Desk
    story: Story

    async def fill_cart(self, name: str, goods: Sequence[Goods], *codes: str) -> Json:
        """A cart of the customer of this name. Returns the cart."""
        new = {"session_id": name, "customer_id": name, "currency": CURRENCY}
        cart = await self.api.post("cart", "/v1/carts", "service", f"cart-{name}", new)
        path = f"/v1/carts/{cart['cart_id']}"
        for number, it in enumerate(goods):
            key = f"item-{name}-{number}"
            cart = await self.api.post("cart", f"{path}/items", "service", key, it._asdict())
        for code in codes:
            key, discount = f"code-{name}-{code}", {"code": code}
            cart = await self.api.post("cart", f"{path}/discounts", "service", key, discount)
        return cart

    async def fill_cart_from_offer(self, name: str, slug: str) -> Json:
        """The cart of the customer of this name with the offer in it, once carts know the offer. Each try has
        a key of its own: under the same one a refusal is repeated."""
        wanted = {"slug": slug, "session_id": name, "customer_id": name}
        tries = count()

        async def put() -> Json | None:
            key = f"offer-{name}-{next(tries)}"
            try:
                return await self.api.post("cart", "/v1/carts/from-offer", "service", key, wanted)
            except Refusal:
                return None

        found = await poll_until(put, bool)
        if found is None:
            raise TimeoutError(f"carts do not know the offer {slug}")
        cart: Json = found["cart"]
        return cart

    async def check_out(self, name: str, cart: Json, payment: Json) -> Json:
        """Begin a checkout, and return it once it has ended or waits for the customer."""
        body = {
            "cart_id": cart["cart_id"],
            "expected_total": cart["totals"]["total"],
            "customer": {"id": name, "email": f"{name}@customers.example"},
            "payment": {"gateway": GATEWAY, **payment},
        }
        begun = await self.api.post("checkout-saga", "/v1/checkouts", "service", f"checkout-{name}", body)
        return await self.settled(str(begun["checkout_id"]))

    async def settled(self, checkout_id: str) -> Json:
        """The checkout once it is not processed any more."""
        path = f"/v1/checkouts/{checkout_id}"
        async with asyncio.timeout(ENDED_WITHIN_SECONDS):
            while True:
                found = await self.api.get("checkout-saga", path, "service", wait_ms=MAX_WAIT_MS)
                if found["status"] not in RUNNING_STATUSES:
                    return found

    async def ended(self, checkout_id: str) -> Json:
        """The checkout once it has ended, or as it stays."""
        path = f"/v1/checkouts/{checkout_id}"
        return await poll_until(
            lambda: self.api.get("checkout-saga", path, "service"),
            lambda it: it["status"] in FINAL_STATUSES,
        )

    async def order(self, order_id: str) -> Json:
        return await self.api.get("checkout-saga", f"/v1/orders/{order_id}", "ops")

    async def order_when(self, order_id: str, status: str) -> Json:
        """The order once it has this status, or as it stays."""
        return await poll_until(lambda: self.order(order_id), lambda it: bool(it["status"] == status))

    async def do(self, path: str, key: str, body: Any = None, role: str = "admin") -> Json:
        """A call of the shop's owner at checkout-saga."""
        return await self.api.post("checkout-saga", f"/v1/{path}", role, key, body)

    async def owned(self, things: str, order_id: str) -> list[Json]:
        """What belongs to an order: its shipments, licences, certifications."""
        return await self.api.items("checkout-saga", f"/v1/{things}", "admin", order_id=order_id)

    @staticmethod
    async def refusal(call: Awaitable[Any]) -> str:
        """The code with which a call is refused; empty if it is not."""
        try:
            await call
        except Refusal as refusal:
            return refusal.code
        return ""

    async def pay_at_the_bank(self, checkout: Json) -> None:
        """What the customer does with the code of a pix."""
        path = f"/v1/simulated-gateway/payments/{checkout['attempts'][-1]['payment_id']}/act"
        await self.api.post("gateway", path, "ops", f"pay-{checkout['checkout_id']}", {"do": "pay"})

    async def let_time_pass(self, name: str, minutes: int) -> None:
        """Move the stack's clock. Returns when nothing is due any more."""
        move = {"advance_seconds": 60 * minutes, "wait": False}
        await self.api.post("cart", "/v1/clock", "ops", f"clock-{name}", move)
        await poll_until(
            lambda: self.api.get("cart", "/v1/clock", "ops"), lambda it: bool(it["state"] == "still")
        )

    async def check_ledger(self, wanted: dict[str, int]) -> None:
        """Compare the balances of these accounts, in cents, and the sum of all of them."""
        found = await poll_until(
            lambda: ledger.balances(self.api),
            lambda it: all(it.get(account, 0) == cents for account, cents in wanted.items()),
        )
        for account, cents in wanted.items():
            self.story.check_money(f"ledger: {account}", cents, found.get(account, 0))
        self.story.check_money("ledger: the sum of all accounts", 0, sum(found.values()))
