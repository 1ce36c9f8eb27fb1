"""Load generator: purchases over HTTP at a given rate, each followed to the end of its checkout."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from uuid import uuid4

import httpx

from cli.errors import StackError
from demo.load.mix import Mix, expected_end
from demo.load.tally import Tally
from demo.shopping.api import Api, Refusal, client
from demo.shopping.shop import Buyer, Goods, Shop
from devstack.process_group import run_concurrently

PRODUCTS = 20
ON_HAND = 1_000_000
MAX_UNITS = 3
CUSTOMERS = 1_000


@dataclass(frozen=True)
class Plan:
    """``rate``: purchases started per second; None for as many as ``concurrency`` buyers can do.
    The run ends after ``orders`` purchases or ``seconds``, whichever comes first."""

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
        self._random = Random(plan.seed)  # noqa: S311  # reproducible, not a secret
        self._run = uuid4().hex[:8]
        self._begun = 0
        self._stopping = asyncio.Event()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        """Start no more purchases; those under way are completed."""
        self._stopping.set()

    async def run(self) -> None:
        async with client(self._count_server_error) as http:
            shop = Shop(Api(http, self._urls, self._plan.tenant))
            try:
                products = await self._prepare(shop)
            except Refusal as refusal:
                raise StackError(
                    f"The products of the load cannot be created for {self._plan.tenant}: {refusal}."
                ) from None
            self.tally.began = time.monotonic()
            await run_concurrently(self._buyer(shop, products) for _ in range(self._plan.concurrency))

    async def _prepare(self, shop: Shop) -> Sequence[str]:
        """Create products of this run, half of them with counted stock."""
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
        """Draw the next purchase. All random choices are made here, so that a seed gives the same
        purchases."""
        number = self._begun
        if number == self._plan.orders or self._stopping.is_set() or self._is_over():
            return None
        self._begun += 1
        goods = Goods(self._random.choice(products), self._random.randint(1, MAX_UNITS))
        customer = f"load-{self._random.randrange(CUSTOMERS)}"
        purchase = Purchase(number, goods, Buyer(customer, self._plan.mix.draw(self._random)))
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
            self.tally.went_wrong("open", f"{name} ({purchase.buyer.token}) did not end")
        except StackError as trouble:
            self.tally.went_wrong("unanswered", f"{name}: {trouble}")
        else:
            end = checkout["status"] if checkout["failure"] is None else checkout["failure"]["code"]
            self.tally.ended(end, time.monotonic() - began)
            if end != expected_end(purchase.buyer.token):
                self.tally.complain(
                    f"checkout {checkout['checkout_id']} ({purchase.buyer.token}) ended as {end}"
                )

    async def _count_server_error(self, response: httpx.Response) -> None:
        if response.is_server_error:
            self.tally.server_errors[response.status_code] += 1
