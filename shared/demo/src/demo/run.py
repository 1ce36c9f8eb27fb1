"""The demo: replay the purchases, run the failure scenarios, and collect the read models' figures."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console

from demo import dataset, figures, proof, purchase_replay, reconciliation, scenarios
from demo.dataset import Purchase
from demo.progress_bar import ProgressBar
from demo.scenarios import Attempt
from demo.shopping.api import Api, client
from demo.shopping.shop import Shop
from demo.summary import Outcome

TENANT = "demo"
SCENARIO_TENANT = "rival"
"""Another tenant, so that the scenarios do not change the revenue of the data set."""


@dataclass(frozen=True)
class ScenarioOutcome:
    """Results of the failure scenarios."""

    attempts: Sequence[Attempt]
    settlement: reconciliation.Reconciliation


async def run_demo(
    urls: Mapping[str, str], purchases: Sequence[Purchase], parallel: int, console: Console
) -> Outcome:
    async with client() as http:
        api = Api(http, urls, TENANT)
        scenarios_task = asyncio.create_task(_run_scenarios(Shop(Api(http, urls, SCENARIO_TENANT))))
        try:
            outcome = await _run_purchases(api, purchases, parallel, console, scenarios_task)
        finally:
            scenarios_task.cancel()
            await asyncio.gather(scenarios_task, return_exceptions=True)
    return outcome


async def _run_purchases(
    api: Api,
    purchases: Sequence[Purchase],
    parallel: int,
    console: Console,
    scenarios_task: asyncio.Task[ScenarioOutcome],
) -> Outcome:
    shop = Shop(api)
    values = len(dataset.orders_by_value(purchases))
    with ProgressBar(console, "products", values).running() as meter:
        catalogue = await purchase_replay.open_catalogue(shop, purchases, parallel, meter.tick)
    with ProgressBar(console, "purchases", len(purchases)).running() as meter:
        lost = await purchase_replay.replay_purchases(shop, purchases, catalogue, parallel, meter.tick)
        seconds = meter.seconds
    with console.status("waiting for the slow payments and for the read models"):
        results = await scenarios_task
        first, last = min(it.day for it in purchases), max(it.day for it in purchases)
        days = await figures.poll_until(
            lambda: figures.conversion(api, first, last),
            lambda found: not proof.differing_days(purchases, found),
        )
        products = await figures.poll_until(
            lambda: figures.products(api, first, last),
            lambda found: sum(it.revenue for it in found) == dataset.revenue(purchases),
        )
        books = reconciliation.balance(await shop.payments())
    return Outcome(
        orders=len(purchases),
        free_orders=sum(1 for it in purchases if it.cents == 0),
        products=values,
        seconds=seconds,
        stock_is_right=await purchase_replay.is_stock_consistent(shop, purchases, catalogue),
        attempts=results.attempts,
        settlement=results.settlement,
        days=days,
        best=products[:10],
        checks=proof.checks(purchases, days, products, books),
        lost=lost,
    )


async def _run_scenarios(shop: Shop) -> ScenarioOutcome:
    ground = await scenarios.prepare(shop)
    attempts = await scenarios.run_all(shop, ground)
    return ScenarioOutcome(attempts, await reconciliation.reconcile(shop, ground, attempts))
