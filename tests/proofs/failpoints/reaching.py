"""The activities of customers, operators and the environment by which failpoints are reached."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import count
from uuid import uuid4

from contracts.topology import PUBLISHERS
from kernel.messaging.clients import KafkaConsumer
from tests.proofs.async_shop import CURRENCY, Shop
from tests.proofs.caller import Caller
from tests.proofs.chaos import buyers
from tests.proofs.chaos.buyers import Purchase, Range
from tests.proofs.chaos.offer_crowd import OfferCrowd
from tests.proofs.failpoints.cases import MAIL, PURCHASE
from tests.proofs.failpoints.operator import DISCARD, Operator
from tests.support.database import execute
from tests.support.kafka_records import send, unlock_cart
from tests.support.stack import RunningStack
from tests.support.waiting import until

TENANT, OTHER = "demo", "rival"
"""The first tenant is reconciled at the end; the second is for activities that reconciliation cannot
predict."""
TOKENS = {"tok_ok": 6, "tok_declined": 1, "tok_action": 1, "tok_capture_fails": 1, "tok_timeout": 1}
PLENTY = 100_000
SESSION = timedelta(minutes=16)
"""Longer than a checkout may take."""
ABANDONED_AFTER, REMINDED_AFTER = timedelta(minutes=31), timedelta(minutes=61)
"""Longer than a cart waits for activity, and then for the first mail about it."""
ABANDONED_WITHIN = 60.0
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1"
OTHER_BROKER = "UPDATE relay_cursor SET cluster_id = 'another'"
OTHER_BROKER_READ = "UPDATE consumer_offset SET cluster_id = 'another' WHERE grp = 'offer'"
LATER = "UPDATE clock SET shift = shift + $1"


class Reaching:
    def __init__(
        self,
        stack: RunningStack,
        shops: Mapping[str, Shop],
        ranges: Mapping[str, Range],
        crowd: OfferCrowd,
        chance: random.Random,
    ) -> None:
        self._stack = stack
        self._shops = shops
        self._ranges = ranges
        self._crowd = crowd
        self._chance = chance
        self._scarce = max(ranges[OTHER].prices)
        self._numbers = count()
        self._operator = Operator(shops)
        self.purchases: list[Purchase] = []
        self._ways: Mapping[str, Callable[[], Awaitable[None]]] = {
            PURCHASE: self._buy_either_way,
            **{it: self._buying(it) for it in buyers.TOKENS},
            "refund": self._refund,
            "price change": self._change_prices,
            "sold out": self._sold_out,
            "deadline": self._deadline,
            MAIL: self._mail,
            "poison": self._poison,
            "discard": self._discard,
            "rebuild": lambda: self._operator.run("rebuild"),
            "verify": lambda: self._operator.run("verify"),
            "newcomer": self._newcomer,
            "cut relay": self._cut_relay,
            "other broker for the relay": self._other_broker,
            "other broker for a consumer": self._other_broker_read,
        }

    async def go(self, way: str) -> None:
        """Perform the activity once. Reaching a failpoint may take several times."""
        await self._ways[way]()

    @property
    def operator(self) -> Operator:
        return self._operator

    def _buying(self, token: str) -> Callable[[], Awaitable[None]]:
        return lambda: self._buy(token)

    async def _buy_either_way(self) -> None:
        """Every other customer comes by an offer."""
        token = self._chance.choices(list(TOKENS), list(TOKENS.values()))[0]
        if len(self._crowd.purchases) < len(self.purchases):
            await self._crowd.buy(len(self._crowd.purchases), self._chance, token)
        else:
            await self._buy(token)

    async def _buy(self, token: str) -> None:
        it = self._planned(TENANT, token)
        self.purchases.append(it)
        await buyers.play(it, self._shops[TENANT], self._ranges[TENANT].code)

    def _planned(self, tenant: str, token: str) -> Purchase:
        number = next(self._numbers)
        sold = sorted(self._ranges[tenant].prices.keys() - {self._scarce})
        products = self._chance.sample(sold, self._chance.randint(1, 2))
        lines = {it: self._chance.randint(1, 2) for it in products}
        return Purchase(number, tenant, token, lines, wants_code=True, presses_twice=False, cancels=False)

    async def _refund(self) -> None:
        shop, it = self._shops[OTHER], self._planned(OTHER, "tok_ok")
        await buyers.play(it, shop, self._ranges[OTHER].code)
        for end in it.ends:
            if end["order_id"]:
                path = f"/v1/orders/{end['order_id']}/refunds"
                name = f"refund {end['order_id']}"
                everything = {"reason": "a test", "restock": True}
                await shop.caller.write("POST", "checkout-saga", path, everything, name, "admin")

    async def _change_prices(self) -> None:
        """Set prices by a rule, which makes several saves: to what they are, so that no cart is repriced."""
        cents, name = self._ranges[OTHER].prices[self._scarce], f"prices {next(self._numbers)}"
        change = {"currency": CURRENCY, "change": {"type": "set_price", "value": cents}}
        which = {"product_ids": [self._scarce]}
        path = "/v1/price-changes"
        await self._shops[OTHER].caller.post("offer", path, {"where": which, **change}, name, "admin")

    async def _sold_out(self) -> None:
        """Sell out the product between cart and payment, then restock it."""
        shop, name = self._shops[OTHER], f"{OTHER}-{next(self._numbers)}"
        cart = await shop.cart(name, {self._scarce: 1})
        await shop.count(self._scarce, 0, f"gone {name}")
        response = await shop.check_out(name, cart.body, "tok_ok", name)
        if response.ok:
            await shop.settled(response.body["checkout_id"])
        await shop.count(self._scarce, PLENTY, f"back {name}")

    async def _deadline(self) -> None:
        """A customer does not confirm the payment, and the clock is moved past the deadline."""
        shop, it = self._shops[OTHER], self._planned(OTHER, "tok_action")
        cart = await shop.cart(f"{OTHER}-{it.number}", it.lines)
        response = await shop.check_out(f"left {it.number}", cart.body, it.token, it.customer_id)
        if response.ok:
            await shop.settled(response.body["checkout_id"])
            await self._wait(SESSION)

    async def _wait(self, duration: timedelta) -> None:
        for name in PUBLISHERS:
            await self._execute(name, LATER, duration)

    async def _mail(self) -> None:
        """A cart is left until the first mail about it is due."""
        caller, name = self._shops[OTHER].caller, f"left {next(self._numbers)}"
        contact = {"email": f"{name.replace(' ', '.')}@mail.test", "recovery": True}
        known = await caller.write("PUT", "checkout-saga", "/v1/contacts", contact, f"contact {name}")
        new = {"session_id": name, "currency": CURRENCY, "customer_id": known.body["customer_id"]}
        cart = await caller.post("cart", "/v1/carts", new, f"cart {name}")
        path = f"/v1/carts/{cart['cart_id']}"
        item = {"product_id": next(iter(self._ranges[OTHER].prices)), "quantity": 1}
        await caller.post("cart", f"{path}/items", item, f"item {name}")
        await self._wait(ABANDONED_AFTER)
        await until(lambda: self._is_abandoned(caller, path), ABANDONED_WITHIN)
        await self._wait(REMINDED_AFTER)

    async def _is_abandoned(self, caller: Caller, path: str) -> bool:
        return bool((await caller.read("cart", path))["status"] == "abandoned")

    async def _poison(self) -> None:
        """A command without a tenant. (A fact would stay in the topic without being in any log.)"""
        command = unlock_cart(uuid4()).without_header("ce_tenant")
        await send(self._stack.addresses.kafka, command)

    async def _discard(self) -> None:
        before = self._operator.acts[DISCARD]
        await self._poison()
        await self._operator.clear_one_more_than(before)

    async def _newcomer(self) -> None:
        """A member joins the group, gets some partitions, reads nothing and leaves."""
        consumer = KafkaConsumer(
            "offer.commands",
            bootstrap_servers=self._stack.addresses.kafka,
            group_id="offer",
            enable_auto_commit=False,
        )
        await consumer.start()
        await consumer.stop()

    async def _cut_relay(self) -> None:
        await self._execute("offer", CUT, "offer relay")

    async def _other_broker(self) -> None:
        """As if the records so far had been published to another broker."""
        await self._execute("offer", OTHER_BROKER)
        await self._cut_relay()

    async def _other_broker_read(self) -> None:
        await self._execute("offer", OTHER_BROKER_READ)
        await self._buy("tok_ok")

    async def _execute(self, name: str, statement: str, *arguments: object) -> None:
        async with asyncio.timeout(60):
            await execute(self._stack.addresses.databases[name], statement, *arguments)
