"""Buy as fast as is asked for, over HTTP alone, and watch every checkout to its end."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from uuid import uuid4

import httpx

from cli.load.mix import Mix, expected_end
from cli.load.tally import Tally
from cli.shopping.api import Api, Refusal, client
from cli.shopping.shop import Buyer, Goods, Shop
from cli.stack.errors import StackError
from cli.stack.process_group import run_concurrently

PRODUCTS = 20
ON_HAND = 1_000_000
MAX_UNITS = 3
CUSTOMERS = 1_000


@dataclass(frozen=True)
class Plan:
    """``rate`` is the most that begin in a second; without it as many as ``concurrency`` buyers manage.
    It ends after so many ``orders`` or ``seconds``, whichever comes first."""

    concurrency: int
    mix: Mix
    seed: int
    tenant: str = "demo"
    rate: float | None = None
    orders: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Purchase:
    number: int
    goods: Goods
    buyer: Buyer


class Generator:
    def __init__(self, plan: Plan, urls: Mapping[str, str]) -> None:
        self.tally = Tally()
        self._plan = plan
        self._urls = urls
        self._chance = Random(plan.seed)  # noqa: S311  # the same choices again, not a secret
        self._run = uuid4().hex[:8]
        self._begun = 0
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Begin nothing more; what is under way is seen to its end."""
        self._stopping.set()

    async def run(self) -> None:
        async with client(self._heard) as http:
            shop = Shop(Api(http, self._urls, self._plan.tenant))
            try:
                products = await self._prepare(shop)
            except Refusal as refusal:
                raise StackError(f"The load has nothing to buy as {self._plan.tenant}: {refusal}") from None
            self.tally.began = time.monotonic()
            await run_concurrently(self._buyer(shop, products) for _ in range(self._plan.concurrency))

    async def _prepare(self, shop: Shop) -> Sequence[str]:
        """Products of its own, half of them with a stock."""
        products = []
        for number in range(PRODUCTS):
            sku = f"LOAD-{self._run}-{number}"
            product = await shop.put_on_sale(sku, f"Load {number}", 100 + 50 * number)
            if number % 2:
                await shop.count_stock(product, ON_HAND)
            products.append(product)
        return products

    async def _buyer(self, shop: Shop, products: Sequence[str]) -> None:
        while (purchase := await self._next(products)) is not None:
            self.tally.under_way += 1
            await self._buy(shop, purchase)
            self.tally.under_way -= 1

    async def _next(self, products: Sequence[str]) -> Purchase | None:
        """All is drawn here, in one order, so that a seed means the same purchases whoever makes them."""
        number = self._begun
        if number == self._plan.orders or self._stopping.is_set() or self._is_over():
            return None
        self._begun += 1
        goods = Goods(self._chance.choice(products), self._chance.randint(1, MAX_UNITS))
        customer = f"load-{self._chance.randrange(CUSTOMERS)}"
        purchase = Purchase(number, goods, Buyer(customer, self._plan.mix.draw(self._chance)))
        if self._plan.rate:
            await self._wait(self.tally.began + number / self._plan.rate - time.monotonic())
            if self._stopping.is_set() or self._is_over():
                return None
        return purchase

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _is_over(self) -> bool:
        return self._plan.seconds is not None and self.tally.seconds >= self._plan.seconds

    async def _buy(self, shop: Shop, purchase: Purchase) -> None:
        name = f"load-{self._run}-{purchase.number}"
        try:
            cart = await shop.fill_cart(name, purchase.buyer.customer_id, purchase.goods)
            began = time.monotonic()
            checkout = await shop.check_out(name, cart, purchase.buyer)
        except Refusal as refusal:
            self.tally.went_wrong(refusal.code, f"{name} ({purchase.buyer.token}) was refused: {refusal}")
        except TimeoutError:
            self.tally.went_wrong("open", f"{name} ({purchase.buyer.token}) came to no end")
        except StackError as trouble:
            self.tally.went_wrong("unanswered", f"{name}: {trouble}")
        else:
            end = checkout["status"] if checkout["failure"] is None else checkout["failure"]["code"]
            self.tally.ended(end, time.monotonic() - began)
            if end != expected_end(purchase.buyer.token):
                self.tally.complain(
                    f"checkout {checkout['checkout_id']} ({purchase.buyer.token}) ended as {end}"
                )

    async def _heard(self, answer: httpx.Response) -> None:
        if answer.is_server_error:
            self.tally.server_errors[answer.status_code] += 1
