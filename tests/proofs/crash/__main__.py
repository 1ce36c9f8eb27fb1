"""Customers buy while everything is killed: ``python -m tests.proofs.crash``, ``CHECKOUTS=200 KILLS=10``."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.proofs.caller import Caller, client
from tests.proofs.crash import buyers
from tests.proofs.crash.answers import check_answers
from tests.proofs.crash.books import Books
from tests.proofs.crash.browsing import Browser
from tests.proofs.crash.buyers import TENANTS, Purchase, Range
from tests.proofs.crash.nemesis import Nemesis
from tests.proofs.crash.plan import planned
from tests.proofs.crash.quiet import until_quiet
from tests.proofs.crash.verifying import verify
from tests.proofs.journal import Journal
from tests.proofs.shop import Shop
from tests.proofs.verdict import Verdict, number, say
from tests.support.stack import RunningStack, running_stack

PRODUCTS, PERCENT = 6, 10
PARTS = {"postgres", "kafka"}
CONSUMERS = ("cart", "offer", "checkout-saga", "projections")
BUYERS, BROWSERS = 40, 3
ANSWER_WITHIN = 12.0
QUIET_WITHIN = 120.0
SECONDS_PER_FAULT = 6.0


class Run:
    def __init__(self, stack: RunningStack, verdict: Verdict, folder: Path) -> None:
        self._stack = stack
        self._verdict = verdict
        self._journal = Journal(folder / "journal.jsonl")
        self._folder = folder
        self._checkouts, self._kills = number("CHECKOUTS", 200), number("KILLS", 10)
        self._shelf = max(4, self._checkouts // 3)
        self._limit = max(2, self._checkouts // 8)
        self._ranges: dict[str, Range] = {}
        self._promotions: dict[str, str] = {}
        self._purchases: list[Purchase] = []
        self._browsers: list[Browser] = []

    async def prove(self) -> None:
        async with client(ANSWER_WITHIN) as http:
            urls = self._stack.addresses.urls
            shops = {it: Shop(Caller(http, urls, it, self._journal)) for it in TENANTS}
            for tenant, shop in shops.items():
                await self._open_shop(tenant, shop)
            for name in [f"browser {it}" for it in range(BROWSERS)]:
                product_id = await shops["demo"].product(name, 100, 0)
                self._browsers.append(Browser(name, shops["demo"], product_id))
            buying = await self._storm(shops)
            healed = time.monotonic()
            left = sum(1 for it in self._purchases if not it.over)
            still = await until_quiet(self._stack, lambda: sum(not it.done() for it in buying), QUIET_WITHIN)
            self._verdict.figures["quiet"] = {
                "open_at_the_end_of_the_storm": left,
                "seconds": round(time.monotonic() - healed, 1),
            }
            for it in still:
                self._verdict.expect(False, f"liveness: after {QUIET_WITHIN:.0f} s {it}")
            for task in buying:
                task.cancel()
            for outcome in await asyncio.gather(*buying, return_exceptions=True):
                if isinstance(outcome, Exception):
                    self._verdict.expect(False, f"a customer could not go on: {outcome!r}")
            check_answers(self._journal, self._verdict)
            if not still:
                await self._check_books(shops)
                for browser in self._browsers:
                    await browser.check(self._verdict)
                self._verdict.figures["verify"] = await verify(self._stack, self._verdict)

    async def _open_shop(self, tenant: str, shop: Shop) -> None:
        prices = {}
        for it in range(PRODUCTS):
            cents = 1000 * (it + 1)
            prices[await shop.product(f"{tenant}-{it}", cents, self._shelf)] = cents
        code = f"{tenant.upper()}10"
        self._promotions[tenant] = await shop.promotion(code, PERCENT, self._limit)
        self._ranges[tenant] = Range(prices, code, PERCENT)

    async def _storm(self, shops: dict[str, Shop]) -> list[asyncio.Task[None]]:
        """Returns when the last fault is done; the customers may still be at it."""
        verdict = self._verdict
        names = [it["name"] for it in self._stack.status()["processes"]]
        processes = [it for it in names if it not in PARTS]
        consumers = [it for it in processes if it.rpartition("-")[0] in CONSUMERS or it in CONSUMERS]
        faults_at_ten = len(processes) * self._kills + self._kills + 1
        seconds = float(number("MINUTES", 0)) * 60 or faults_at_ten * SECONDS_PER_FAULT
        faults = planned(verdict.chance("faults"), processes, consumers, self._kills, seconds)
        nemesis = Nemesis(self._stack, verdict.chance("nemesis"), self._folder / "nemesis.jsonl")
        self._purchases = [
            buyers.planned(it, verdict.chance("purchase", it), self._ranges) for it in range(self._checkouts)
        ]
        began, pace = time.monotonic(), seconds / self._checkouts
        say(f"{len(faults)} faults in {seconds:.0f} s, {len(self._purchases)} customers")
        at_once = asyncio.Semaphore(BUYERS)

        async def buy(it: Purchase) -> None:
            await asyncio.sleep(max(0.0, began + it.number * pace - time.monotonic()))
            async with at_once:
                await buyers.play(it, shops[it.tenant], self._ranges[it.tenant].code)

        buying = [asyncio.create_task(buy(it)) for it in self._purchases]
        over = asyncio.Event()
        buying += [asyncio.create_task(it.browse(over.is_set)) for it in self._browsers]
        await nemesis.storm(faults)
        over.set()
        verdict.figures |= {
            "faults": dict(nemesis.done),
            "kills_by_process": dict(nemesis.kills_of),
            "restarts": {it["name"]: it["restarts"] for it in self._stack.status()["processes"]},
            "storm_seconds": round(time.monotonic() - began, 1),
            "customers": len(self._purchases),
        }
        for it in nemesis.missed:
            verdict.expect(False, f"liveness: its target was not up again in time: {it}")
        return buying

    async def _check_books(self, shops: dict[str, Shop]) -> None:
        ends: Counter[str] = Counter()
        for tenant, shop in shops.items():
            goods = self._ranges[tenant]
            books = Books(shop, goods, self._purchases, self._verdict, tenant)
            on_hand = dict.fromkeys(goods.prices, self._shelf)
            ends += await books.check(on_hand, self._promotions[tenant], self._limit)
        self._verdict.figures["checkouts"] = dict(ends.most_common())
        refused = sum(not told.ok for it in self._purchases for told in it.begun)
        self._verdict.figures["checkouts_refused_at_once"] = refused


def main() -> int:
    verdict = Verdict("crash")
    folder = Path(os.environ.get("KEEP") or tempfile.mkdtemp(prefix="feira-crash-"))
    replicas = os.environ.get("REPLICAS", "offer=2,checkout-saga=2")
    with running_stack(
        folder / "home", {"FEIRA_REPLICAS": replicas, "FEIRA_GATEWAY_DOWN_SECONDS": "10"}
    ) as stack:
        asyncio.run(Run(stack, verdict, folder).prove())
    if verdict.violations or os.environ.get("KEEP"):
        say(f"journal, schedule and logs are in {folder}")
    else:
        shutil.rmtree(folder)
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
