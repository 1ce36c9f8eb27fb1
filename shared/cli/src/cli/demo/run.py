"""The demo from beginning to end: a stack, its shop, the purchases, and what the read models make of them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console

from cli.demo import dataset, figures, proof, purchase_replay, reconciliation, scenarios
from cli.demo.dataset import Purchase
from cli.demo.progress_bar import Meter
from cli.demo.scenarios import Attempt
from cli.demo.summary import Outcome
from cli.shopping.api import Api, client
from cli.shopping.shop import Shop

TENANT = "demo"
TENANT_OF_TRIALS = "rival"
"""Another tenant's shop, so that the data set's revenue stays the data set's."""


@dataclass(frozen=True)
class Tried:
    """What came of the purchases that go wrong on purpose."""

    attempts: Sequence[Attempt]
    settlement: reconciliation.Settlement


async def play(
    urls: Mapping[str, str], purchases: Sequence[Purchase], parallel: int, console: Console
) -> Outcome:
    async with client() as http:
        api = Api(http, urls, TENANT)
        trying = asyncio.create_task(_try(Shop(Api(http, urls, TENANT_OF_TRIALS))))
        try:
            outcome = await _play_history(api, purchases, parallel, console, trying)
        finally:
            trying.cancel()
            await asyncio.gather(trying, return_exceptions=True)
    return outcome


async def _play_history(
    api: Api,
    purchases: Sequence[Purchase],
    parallel: int,
    console: Console,
    trying: asyncio.Task[Tried],
) -> Outcome:
    shop = Shop(api)
    values = len(dataset.orders_by_value(purchases))
    with Meter(console, "products", values).running() as meter:
        catalogue = await purchase_replay.open_catalogue(shop, purchases, parallel, meter.tick)
    with Meter(console, "purchases", len(purchases)).running() as meter:
        lost = await purchase_replay.play(shop, purchases, catalogue, parallel, meter.tick)
        seconds = meter.seconds
    with console.status("waiting for the slow payments and for the read models"):
        tried = await trying
        first, last = min(it.day for it in purchases), max(it.day for it in purchases)
        days = await figures.caught_up(
            lambda: figures.conversion(api, first, last),
            lambda found: not proof.differing(purchases, found),
        )
        products = await figures.caught_up(
            lambda: figures.products(api, first, last),
            lambda found: sum(it.revenue for it in found) == dataset.revenue(purchases),
        )
        books = reconciliation.balance(await shop.payments())
    return Outcome(
        orders=len(purchases),
        free_orders=sum(1 for it in purchases if it.cents == 0),
        products=values,
        seconds=seconds,
        stock_is_right=await purchase_replay.stock_left(shop, purchases, catalogue),
        attempts=tried.attempts,
        settlement=tried.settlement,
        days=days,
        best=products[:10],
        checks=proof.checks(purchases, days, products, books),
        lost=lost,
    )


async def _try(shop: Shop) -> Tried:
    ground = await scenarios.prepare(shop)
    attempts = await scenarios.try_all(shop, ground)
    return Tried(attempts, await reconciliation.settle(shop, ground, attempts))
