"""The demo: replay the purchases, run the failure scenarios, let people shop at the academy, and collect the
figures."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.console import Console

from demo import analysis, dataset, figures, ledger, proof, purchase_replay, reconciliation, scenarios
from demo.academy.figures import Figures, read_figures
from demo.academy.opening import open_academy
from demo.academy.shoppers import Shoppers
from demo.analysis import Cohort
from demo.dataset import Purchase
from demo.progress_bar import ProgressBar
from demo.proof import Check
from demo.scenarios import Attempt
from demo.shopping.api import Api, client
from demo.shopping.shop import Shop
from demo.summary import Outcome

TENANT = "demo"
SCENARIO_TENANT = "rival"
"""Another tenant, so that the scenarios do not change the revenue of the data set."""
ACADEMY_TENANT = "academy"
ANALYST_KEY = f"{TENANT}-analyst"
"""A key of the local stack."""


@dataclass(frozen=True)
class ScenarioOutcome:
    """Results of the failure scenarios."""

    attempts: Sequence[Attempt]
    settlement: reconciliation.Reconciliation


class Beside(NamedTuple):
    """What runs while the data set is replayed."""

    scenarios: asyncio.Task[ScenarioOutcome]
    academy: asyncio.Task[Figures]


async def run_demo(
    urls: Mapping[str, str], purchases: Sequence[Purchase], parallel: int, console: Console
) -> Outcome:
    async with client() as http:
        api = Api(http, urls, TENANT)
        beside = Beside(
            asyncio.create_task(_run_scenarios(Shop(Api(http, urls, SCENARIO_TENANT)))),
            asyncio.create_task(_run_academy(Api(http, urls, ACADEMY_TENANT))),
        )
        try:
            outcome = await _run_purchases(api, purchases, parallel, console, beside)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
    return outcome


async def _run_purchases(
    api: Api,
    purchases: Sequence[Purchase],
    parallel: int,
    console: Console,
    beside: Beside,
) -> Outcome:
    shop = Shop(api)
    values = len(dataset.orders_by_value(purchases))
    with ProgressBar(console, "products", values).running() as meter:
        catalogue = await purchase_replay.open_catalogue(shop, purchases, parallel, meter.tick)
    with ProgressBar(console, "purchases", len(purchases)).running() as meter:
        lost = await purchase_replay.replay_purchases(shop, purchases, catalogue, parallel, meter.tick)
        seconds = meter.seconds
    first, last = min(it.day for it in purchases), max(it.day for it in purchases)
    with console.status("waiting for the slow payments and for the read models"):
        results, academy = await beside.scenarios, await beside.academy
        days = await figures.poll_until(
            lambda: figures.conversion(api, first, last),
            lambda found: not proof.differing_days(purchases, found),
        )
        products = await figures.poll_until(
            lambda: figures.products(api, first, last),
            lambda found: sum(it.revenue for it in found) == dataset.revenue(purchases),
        )
        accounts = await figures.poll_until(
            lambda: ledger.balances(api),
            lambda found: all(it.holds for it in ledger.checks(dataset.revenue(purchases), found)),
        )
        books = reconciliation.balance(await shop.payments())
    with console.status("waiting for the statistical models"):
        cohorts = await analysis.read_cohorts(api, first, last)
        forecast = await analysis.read_forecast(api, "demo-models")
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
        checks=[
            *proof.checks(purchases, days, products, books),
            *ledger.checks(dataset.revenue(purchases), accounts),
            _cohort_check(purchases, cohorts),
        ],
        lost=lost,
        academy=academy,
        cohorts=cohorts,
        forecast=forecast,
        days_of_data=(first, last),
    )


def _cohort_check(purchases: Sequence[Purchase], cohorts: Sequence[Cohort]) -> Check:
    wrong = analysis.differing_cells(analysis.expected_cohorts(purchases), cohorts)
    return Check("cells of the cohorts that differ", 0, wrong, False)


async def _run_scenarios(shop: Shop) -> ScenarioOutcome:
    ground = await scenarios.prepare(shop)
    attempts = await scenarios.run_all(shop, ground)
    return ScenarioOutcome(attempts, await reconciliation.reconcile(shop, ground, attempts))


async def _run_academy(api: Api) -> Figures:
    academy = await open_academy(api)
    return await read_figures(api, academy, await Shoppers(api, academy).come())
