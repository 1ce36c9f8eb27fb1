"""Every failpoint with every action, once and twice: ``python -m tests.proofs.failpoints``; ``SHORT=1``: few
cases."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from kernel.faults.failpoint import Action
from kernel.faults.registry import all_failpoints
from tests.proofs.async_shop import Shop
from tests.proofs.caller import Caller, client
from tests.proofs.chaos import buyers, offer_goods
from tests.proofs.chaos.buyers import Range
from tests.proofs.chaos.offer_crowd import OfferCrowd
from tests.proofs.chaos.quiescence import until_quiet
from tests.proofs.chaos.reconciliation import Reconciliation
from tests.proofs.chaos.responses import check_answers
from tests.proofs.chaos.verification import verify
from tests.proofs.failpoints.arming import Arming
from tests.proofs.failpoints.cases import Case, every, one_each
from tests.proofs.failpoints.defects import Defects
from tests.proofs.failpoints.reaching import OTHER, PLENTY, TENANT, Reaching
from tests.proofs.failpoints.rounds import Rounds
from tests.proofs.journal import Journal
from tests.proofs.up_without_backoff import COMMAND
from tests.proofs.verdict import Verdict, number, say
from tests.support.mailboxes import mail_server
from tests.support.stack import RunningStack, running_stack

PRODUCTS = 4
BY_OFFER = 100
"""So many who come by an offer find enough of everything."""
ANSWER_WITHIN = 12.0
QUIET_WITHIN = 120.0
CHECK_EVERY = 60
"""Cases between two checks; a short run has one check."""
TOGETHER = 8
"""Cases of a round in a short run; in a whole run 1, unless ``AT_ONCE`` is set."""


class Run:
    def __init__(self, stack: RunningStack, verdict: Verdict, folder: Path, arming: Arming) -> None:
        self._stack = stack
        self._verdict = verdict
        self._journal = Journal(folder / "journal.jsonl")
        self._arming = arming
        self._short = bool(number("SHORT", 0))
        self._ranges: dict[str, Range] = {}
        self._promotions: dict[str, str] = {}
        self._ends: Counter[str] = Counter()
        self._compared = 0

    async def prove(self) -> None:
        cases = self._cases()
        async with client(ANSWER_WITHIN) as http:
            urls = self._stack.addresses.urls
            shops = {it: Shop(Caller(http, urls, it, self._journal)) for it in (TENANT, OTHER)}
            for tenant, shop in shops.items():
                opened = await buyers.opened(tenant, shop, PRODUCTS, PLENTY, PLENTY)
                self._ranges[tenant], self._promotions[tenant] = opened
            shops[offer_goods.TENANT] = Shop(Caller(http, urls, offer_goods.TENANT, self._journal))
            crowd = await OfferCrowd.expected(shops[offer_goods.TENANT], BY_OFFER)
            # the cart must have read the catalogue before it may be killed
            await self._until_quiet(lambda: 0)
            chance = self._verdict.chance("ways")
            reaching = Reaching(self._stack, shops, self._ranges, crowd, chance)
            rounds = Rounds(self._stack, self._arming, reaching)
            began = time.monotonic()
            at_once = number("AT_ONCE", TOGETHER if self._short else 1)
            portion = len(cases) if self._short else CHECK_EVERY
            for some in _portions(cases, portion):
                for one in _portions(some, at_once):
                    say(f"{time.monotonic() - began:6.1f} s  {'; '.join(it.rule for it in one)}")
                    await rounds.play(one)
                await self._heal(reaching, rounds)
                await self._check(shops[TENANT], crowd, reaching)
            self._report(cases, rounds, reaching)

    def _cases(self) -> list[Case]:
        only = tuple(os.environ.get("ONLY", "").split(","))
        if self._short:
            return [it for it in one_each(self._verdict.chance("cases")) if it.place.startswith(only)]
        cases = [it for it in every() if it.place.startswith(only)]
        self._verdict.chance("cases").shuffle(cases)
        return cases[: number("CASES", len(cases))]

    async def _heal(self, reaching: Reaching, rounds: Rounds) -> None:
        """Without armed rules: an operator retries or discards the dead letters until the stack is quiet."""

        async def operate() -> None:
            while True:
                await reaching.operator.clear()
                await asyncio.sleep(0.5)

        operating = asyncio.create_task(operate())
        await self._until_quiet(lambda: len(rounds.under_way))
        operating.cancel()
        await asyncio.gather(operating, return_exceptions=True)

    async def _until_quiet(self, under_way: Callable[[], int]) -> None:
        for it in await until_quiet(self._stack, under_way, QUIET_WITHIN):
            self._verdict.expect_in_time(False, f"after {QUIET_WITHIN:.0f} s {it}")

    async def _check(self, shop: Shop, crowd: OfferCrowd, reaching: Reaching) -> None:
        goods = self._ranges[TENANT]
        reconciliation = Reconciliation(shop, goods, reaching.purchases, self._verdict, TENANT)
        on_hand = dict.fromkeys(goods.prices, PLENTY)
        self._ends = await reconciliation.check(on_hand, self._promotions[TENANT], PLENTY)
        self._ends += await crowd.check(self._verdict)
        await verify(self._stack, self._verdict)
        self._compared += 1
        say(f"{len(reaching.purchases)} purchases; {len(self._verdict.violations)} promises broken")

    def _report(self, cases: Sequence[Case], rounds: Rounds, reaching: Reaching) -> None:
        verdict, shots = self._verdict, self._arming.shots
        defects = Defects(shots)
        check_answers(self._journal, verdict, defects.explain)
        verdict.figures["answered 500 by an injected defect"] = defects.explained
        rules = Counter(it.rule for it in shots)
        for missed in rounds.missed:
            verdict.expect_in_time(False, missed)
        for place in {it.place for it in cases}:
            verdict.expect(any(it.place == place for it in shots), f"{place} was never reached")
        for it in cases:
            verdict.expect(rules[it.rule] >= it.times, f"{it.rule} fired {rules[it.rule]} times")
            if it.action is Action.KILL:
                verdict.expect(rounds.killed[it.place] > 0, f"no process died of {it.rule}")
        verdict.figures |= {
            "cases": len(cases),
            "places": {"of": len(all_failpoints()), "reached": len({it.place for it in shots})},
            "fired": dict(Counter(it.action for it in shots)),
            "fired_by_place": dict(sorted(Counter(it.place for it in shots).items())),
            "killed": sum(rounds.killed.values()),
            "restarts": {it["name"]: it["restarts"] for it in self._stack.status()["processes"]},
            "purchases": len(reaching.purchases),
            "checkouts": dict(self._ends.most_common()),
            "operator": dict(reaching.operator.acts.most_common()),
            "books_and_verify": self._compared,
        }


def _portions(cases: Sequence[Case], size: int) -> Iterator[list[Case]]:
    rest = iter(cases)
    while some := list(islice(rest, size)):
        yield some


def main() -> int:
    verdict = Verdict("failpoints")
    folder = Path(os.environ.get("KEEP") or tempfile.mkdtemp(prefix="feira-failpoints-"))
    folder.mkdir(parents=True, exist_ok=True)
    arming = Arming(folder)
    settings = {
        "FEIRA_FAILPOINTS": arming.setting,
        "FEIRA_RETENTION_SECONDS": "2",
        "FEIRA_SNAPSHOT_FACTS": "3",
    }
    with (
        mail_server(folder) as mails,
        running_stack(folder / "home", {**settings, **mails.settings}, COMMAND) as stack,
        verdict.taking_down(),
    ):
        asyncio.run(Run(stack, verdict, folder, arming).prove())
    if not verdict.holds or os.environ.get("KEEP"):
        say(f"journal, shots and logs are in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return verdict.end()


if __name__ == "__main__":
    sys.exit(main())
