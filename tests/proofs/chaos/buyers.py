"""Customers who buy, cancel, check out twice, and follow every checkout to its end."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.proofs.async_shop import ENDS, Shop
from tests.proofs.caller import Json, Response

TOKENS = {
    "tok_ok": 50,
    "tok_declined": 8,
    "tok_insufficient_funds": 4,
    "tok_action": 10,
    "tok_timeout": 8,
    "tok_flaky": 10,
    "tok_capture_fails": 6,
    "tok_down": 4,
}
TENANTS = {"demo": 3, "rival": 1}
CUSTOMERS = 20
PERCENT = 10
LOOK_AGAIN = 0.5
GIVES_BACK = 0.5


@dataclass(frozen=True)
class Range:
    """What a tenant has on sale: cents by product, and a code with its percentage."""

    prices: Mapping[str, int]
    code: str
    percent: int


async def opened(tenant: str, shop: Shop, products: int, on_hand: int, uses: int) -> tuple[Range, str]:
    """Create products at 10, 20, 30 …, with ``on_hand`` of each, and a code that may be used ``uses`` times.
    Returns what is on sale, and the id of the code's promotion."""
    prices = {}
    for it in range(1, products + 1):
        prices[await shop.product(f"{tenant}-{it}", 1000 * it, on_hand)] = 1000 * it
    code = f"{tenant.upper()}10"
    return Range(prices, code, PERCENT), await shop.promotion(code, PERCENT, uses)


@dataclass
class Purchase:
    """What one customer wants to do, and the responses that they got."""

    number: int
    tenant: str
    token: str
    lines: dict[str, int]
    wants_code: bool
    presses_twice: bool
    cancels: bool
    gives_back: bool = False
    """Returns a unit of the first product, if another unit stays with the customer."""
    cart_id: str = ""
    code: str | None = None
    responses: list[Response] = field(default_factory=list)
    ends: list[Json] = field(default_factory=list)
    refund: Json | None = None
    """Of the unit that was given back."""
    over: bool = False

    @property
    def first_product(self) -> str:
        return next(iter(self.lines))

    @property
    def back(self) -> Counter[str]:
        """Units by product that went back into stock."""
        return Counter({self.first_product: 1}) if self.refund else Counter()

    @property
    def customer_id(self) -> str:
        return f"{self.tenant}-customer-{self.number % CUSTOMERS}"


def planned(number: int, chance: random.Random, ranges: Mapping[str, Range]) -> Purchase:
    tenant = chance.choices(list(TENANTS), list(TENANTS.values()))[0]
    products = chance.sample(sorted(ranges[tenant].prices), chance.randint(1, 3))
    return Purchase(
        number=number,
        tenant=tenant,
        token=chance.choices(list(TOKENS), list(TOKENS.values()))[0],
        lines={it: chance.randint(1, 2) for it in products},
        wants_code=chance.random() < 0.4,
        presses_twice=chance.random() < 0.15,
        cancels=chance.random() < 0.1,
        gives_back=chance.random() < GIVES_BACK,
    )


async def play(it: Purchase, shop: Shop, code: str) -> None:
    """It is over when every checkout of it has ended."""
    name = f"{it.tenant}-{it.number}"
    cart = await shop.cart(name, it.lines)
    it.cart_id = cart.body["cart_id"]
    shown = cart.body
    if it.wants_code:
        path = f"/v1/carts/{it.cart_id}/discounts"
        response = await shop.caller.write("POST", "cart", path, {"code": code}, f"code {name}")
        it.code = code if response.ok else None
        shown = response.body if response.ok else shown
    tries = [f"{name}/{which}" for which in range(2 if it.presses_twice else 1)]
    it.responses = list(
        await asyncio.gather(*(shop.check_out(one, shown, it.token, it.customer_id) for one in tries))
    )
    started = [
        (one, response.body["checkout_id"])
        for one, response in zip(tries, it.responses, strict=True)
        if response.ok
    ]
    if it.cancels:
        await asyncio.gather(*(shop.press(checkout_id, "cancel", one) for one, checkout_id in started))
    it.ends = list(await asyncio.gather(*(to_its_end(shop, *one) for one in started)))
    bought = [end["order_id"] for end in it.ends if end["status"] == "completed"]
    if it.gives_back and bought and sum(it.lines.values()) > 1:
        it.refund = await shop.give_back(bought[0], it.first_product, name)
    it.over = True


async def to_its_end(shop: Shop, name: str, checkout_id: str) -> Json:
    presses = 0
    while True:
        found = await shop.settled(checkout_id)
        if found["status"] in ENDS:
            return found
        if found["status"] == "requires_action":
            presses += 1
            await shop.press(checkout_id, "confirm-action", f"{name} {presses}")
        await asyncio.sleep(LOOK_AGAIN)
