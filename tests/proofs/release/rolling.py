"""Replace every process of all services while people buy: ``python -m tests.proofs.release.rolling``.

Two replicas of each service stand behind a load balancer. A new replica starts and becomes ready, then an old
one gets SIGTERM; twice, for all services at once. No request may fail, and no event may be lost.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from contracts.topology import GATEWAY, SERVICES, Service
from devstack import databases
from tests.proofs.release.buyers import Tally, buying
from tests.proofs.release.fleet import Fleet, Tree, fleet
from tests.proofs.verdict import Verdict, number

HEAD = Tree(Path(__file__).parents[3], "head")
REPLICAS = 2
BEFORE_AND_AFTER_SECONDS = 5.0


async def start_all(fleet: Fleet, tree: Tree) -> None:
    await fleet.start(GATEWAY, tree)
    await asyncio.gather(*(fleet.start(it, tree) for it in SERVICES for _ in range(REPLICAS)))


async def replace_one_of_each(fleet: Fleet, old: Tree, new: Tree) -> None:
    """One more replica of each service; once it is ready, the one that has run for longest ends."""
    await asyncio.gather(*(replace_one(fleet, it, old, new) for it in SERVICES))


async def replace_one(fleet: Fleet, service: Service, old: Tree, new: Tree) -> None:
    leaving = next(it for it in fleet.running if it.service == service and it.tree == old)
    await fleet.start(service, new)
    await fleet.stop(leaving)


async def prove(fleet: Fleet, verdict: Verdict) -> None:
    await fleet.migrate(HEAD)
    for it in fleet.databases.values():
        await databases.insert_demo_keys(it)
    await start_all(fleet, HEAD)
    tally = Tally()
    async with buying(dict(fleet.urls), number("BUYERS", 6), tally, keep_connections=True):
        await asyncio.sleep(BEFORE_AND_AFTER_SECONDS)
        for _ in range(REPLICAS):
            await replace_one_of_each(fleet, HEAD, HEAD)
        await asyncio.sleep(BEFORE_AND_AFTER_SECONDS)
    judge(tally, verdict)
    verdict.figures["replaced"] = REPLICAS * len(SERVICES)
    for violation in await fleet.verify():
        verdict.violations.append(f"feira verify: {violation}")


def judge(tally: Tally, verdict: Verdict) -> None:
    verdict.figures |= tally.figures()
    verdict.violations += tally.failures + tally.wrong
    if not tally.ends.get("completed"):
        verdict.unproved.append("no purchase has ended")


async def main(verdict: Verdict) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        async with fleet(Path(folder) / "home") as running:
            await prove(running, verdict)


if __name__ == "__main__":
    verdict = Verdict("rolling")
    with verdict.taking_down():
        asyncio.run(main(verdict))
    sys.exit(verdict.end())
