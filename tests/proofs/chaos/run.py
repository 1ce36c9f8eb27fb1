"""One run: customers buy during a storm of faults; then the faults end, the stack becomes quiescent, and what
the customers saw is compared with what is stored."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from tests.proofs.async_shop import Shop
from tests.proofs.caller import Caller, client
from tests.proofs.chaos import buyers, offer_goods, plan, rig
from tests.proofs.chaos.browsers import Browser
from tests.proofs.chaos.buyers import TENANTS, Purchase, Range
from tests.proofs.chaos.faults.world import World
from tests.proofs.chaos.nemesis import Nemesis
from tests.proofs.chaos.offer_crowd import OfferCrowd
from tests.proofs.chaos.operators import Operator
from tests.proofs.chaos.plan import Fault
from tests.proofs.chaos.quiescence import until_quiet
from tests.proofs.chaos.reconciliation import Reconciliation
from tests.proofs.chaos.responses import check_answers
from tests.proofs.chaos.verification import verify
from tests.proofs.journal import Journal
from tests.proofs.verdict import Verdict, number, say

PRODUCTS = 6
BUYERS, BROWSERS = 40, 3
BY_OFFER = 3
"""For so many other customers there is one who comes by an offer."""
ANSWER_WITHIN = 12.0
QUIET_WITHIN = 120.0
SECONDS_PER_KILL = 2.5


class Run:
    def __init__(self, world: World, verdict: Verdict, folder: Path) -> None:
        self._world = world
        self._stack = world.stack
        self._verdict = verdict
        self._journal = Journal(folder / "journal.jsonl")
        self._nemesis = Nemesis(world, verdict.chance, folder / "nemesis.jsonl")
        self._faults, self._seconds = self._planned()
        self._checkouts = number("CHECKOUTS", max(30, int(self._seconds)))
        self._shelf = max(4, self._checkouts // 3)
        self._limit = max(2, self._checkouts // 8)
        self._ranges: dict[str, Range] = {}
        self._promotions: dict[str, str] = {}
        self._purchases: list[Purchase] = []
        """Purchases that have begun."""
        self._browsers: list[Browser] = []

    async def prove(self) -> None:
        async with client(ANSWER_WITHIN) as http:
            shops = {it: Shop(Caller(http, self._world.urls, it, self._journal)) for it in TENANTS}
            academy = Shop(Caller(http, self._world.urls, offer_goods.TENANT, self._journal))
            crowd = await OfferCrowd.expected(academy, self._checkouts // BY_OFFER)
            for tenant, shop in shops.items():
                opened = await buyers.opened(tenant, shop, PRODUCTS, self._shelf, self._limit)
                self._ranges[tenant], self._promotions[tenant] = opened
            for name in [f"browser {it}" for it in range(BROWSERS)]:
                product_id = await shops["demo"].product(name, 100, 0)
                self._browsers.append(Browser(name, shops["demo"], product_id))
            # the cart service must know the products before the first kill
            if slow := await until_quiet(self._stack, lambda: 0, QUIET_WITHIN):
                raise TimeoutError(f"the stack is not quiescent before the storm: {slow}")
            operator = Operator(self._stack, {**shops, offer_goods.TENANT: academy})
            operating = asyncio.create_task(operator.work())
            still = await self._come_to_rest(await self._storm(shops, crowd))
            operating.cancel()
            for outcome in await asyncio.gather(operating, return_exceptions=True):
                self._verdict.expect_in_time(not isinstance(outcome, Exception), f"the operator: {outcome!r}")
            self._verdict.figures["parked"] = dict(operator.done)
            check_answers(self._journal, self._verdict)
            if not still:
                await self._reconcile(shops, crowd)
                for browser in self._browsers:
                    await browser.check(self._verdict)
            self._verdict.figures["verify"] = await verify(self._stack, self._verdict)

    def _planned(self) -> tuple[list[Fault], float]:
        proxies = self._world.proxies
        targets = rig.targets(self._world)
        chance = self._verdict.chance("faults")
        if proxies:
            seconds = 60.0 * number("MINUTES", 5)
            only = plan.named(os.environ.get("ONLY", "").split())
            return plan.chaos(chance, targets, seconds, only), seconds
        faults = plan.kills(chance, targets, number("KILLS", 10), SECONDS_PER_KILL)
        return faults, len(faults) * SECONDS_PER_KILL

    async def _storm(self, shops: dict[str, Shop], crowd: OfferCrowd) -> list[asyncio.Task[None]]:
        """Returns after the last fault, with the tasks of customers, which may still be running."""
        verdict, nemesis = self._verdict, self._nemesis
        wanted = [
            buyers.planned(it, verdict.chance("purchase", it), self._ranges) for it in range(self._checkouts)
        ]
        began, pace = time.monotonic(), self._seconds / self._checkouts
        say(f"{len(self._faults)} faults in {self._seconds:.0f} s, {len(wanted)} customers")
        at_once, over = asyncio.Semaphore(BUYERS), asyncio.Event()

        async def buy(it: Purchase) -> None:
            await asyncio.sleep(max(0.0, began + it.number * pace - time.monotonic()))
            async with at_once:
                if not over.is_set():  # customers who are still waiting then do not buy
                    self._purchases.append(it)
                    await buyers.play(it, shops[it.tenant], self._ranges[it.tenant].code)

        async def buy_by_offer(it: int) -> None:
            await asyncio.sleep(max(0.0, began + it * BY_OFFER * pace - time.monotonic()))
            async with at_once:
                if not over.is_set():
                    await crowd.buy(it, verdict.chance("by offer", it))

        buying = [asyncio.create_task(buy(it)) for it in wanted]
        buying += [asyncio.create_task(buy_by_offer(it)) for it in range(len(wanted) // BY_OFFER)]
        buying += [asyncio.create_task(it.browse(over.is_set)) for it in self._browsers]
        await nemesis.storm(self._faults)
        over.set()
        verdict.figures |= {
            "restarts": {it["name"]: it["restarts"] for it in self._stack.status()["processes"]},
            "storm_seconds": round(time.monotonic() - began, 1),
            "customers": len(self._purchases),
            "stayed_away": len(wanted) - len(self._purchases),
        }
        nemesis.report(self._faults, verdict)
        return buying

    async def _come_to_rest(self, buying: list[asyncio.Task[None]]) -> list[str]:
        """Wait until the stack is quiescent, without faults. Returns what is in progress at the limit."""
        healed = time.monotonic()
        left = sum(1 for it in self._purchases if not it.over)
        still = await until_quiet(self._stack, lambda: sum(not it.done() for it in buying), QUIET_WITHIN)
        self._verdict.figures["quiet"] = {
            "open_at_the_end_of_the_storm": left,
            "seconds": round(time.monotonic() - healed, 1),
        }
        for it in still:
            self._verdict.expect_in_time(False, f"after {QUIET_WITHIN:.0f} s {it}")
        for task in buying:
            task.cancel()
        for outcome in await asyncio.gather(*buying, return_exceptions=True):
            if isinstance(outcome, AssertionError):
                self._verdict.expect(False, f"a customer got an impossible response: {outcome}")
            elif isinstance(outcome, Exception):
                self._verdict.expect_in_time(False, f"a customer could not continue: {outcome!r}")
        return still

    async def _reconcile(self, shops: dict[str, Shop], crowd: OfferCrowd) -> None:
        ends = await crowd.check(self._verdict)
        for tenant, shop in shops.items():
            goods = self._ranges[tenant]
            reconciliation = Reconciliation(shop, goods, self._purchases, self._verdict, tenant)
            on_hand = dict.fromkeys(goods.prices, self._shelf)
            ends += await reconciliation.check(on_hand, self._promotions[tenant], self._limit)
        self._verdict.figures["checkouts"] = dict(ends.most_common())
        refused = sum(not response.ok for it in self._purchases for response in it.responses)
        self._verdict.figures["checkouts_refused_at_once"] = refused
        given_back = sum(it.refund is not None for it in self._purchases)
        self._verdict.figures["units_given_back"] = given_back
