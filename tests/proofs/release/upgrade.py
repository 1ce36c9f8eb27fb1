"""Upgrade from the release before while people buy: ``python -m tests.proofs.release.upgrade``.

The old release runs on its schema, then on this tree's, then beside this tree's processes, which read what it
has written and start checkouts with the version that it knows (``FEIRA_CHECKOUT_DEFINITION``); then it is
gone, and the setting goes, too. People buy all the time, at the end also by pix and with several attempts. No
request may fail, and no event may be lost.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from contracts.topology import GATEWAY, SERVICES
from devstack import databases
from tests.proofs.release.buyers import WAYS, Tally, buying
from tests.proofs.release.fleet import Fleet, Tree, fleet
from tests.proofs.release.rolling import (
    HEAD,
    REPLICAS,
    judge,
    replace_one,
    replace_one_of_each,
    start_all,
)
from tests.proofs.verdict import Verdict, number, say
from tests.support.releases import Release, before_this

CHECKOUTS = next(it for it in SERVICES if it.name == "checkout-saga")
EXPANDED = replace(HEAD, name="expanded", settings={CHECKOUTS.name: {"FEIRA_CHECKOUT_DEFINITION": "2"}})
"""This tree, as long as a process of the old release may have to go on with a checkout."""
PHASE_SECONDS = 6.0
"""How long people buy in each phase."""


async def prove(fleet: Fleet, old: Tree, verdict: Verdict) -> None:
    await fleet.migrate(old)
    for it in fleet.databases.values():
        await databases.insert_demo_keys(it)
    await start_all(fleet, old)
    tally = Tally()
    # its processes close connections without a word when they end: callers use none twice
    async with buying(dict(fleet.urls), number("BUYERS", 6), tally, keep_connections=False) as buyers:
        await phase("old code, old schema", tally, verdict)
        await fleet.migrate(HEAD)
        await phase("old code, new schema", tally, verdict)
        await replace_one(fleet, GATEWAY, old, HEAD)  # the payment provider, which upgrades when it likes
        await replace_one_of_each(fleet, old, EXPANDED)
        await phase("old and new code, new schema", tally, verdict)
        await replace_one_of_each(fleet, old, EXPANDED)
        await phase("new code, new schema", tally, verdict)
        for _ in range(REPLICAS):
            await replace_one(fleet, CHECKOUTS, EXPANDED, HEAD)
        buyers.ways = WAYS
        await phase("new code, newest version of the checkout", tally, verdict)
    judge(tally, verdict)
    verdict.figures["paid by"] = dict(tally.paid)
    for way in WAYS:
        if not tally.paid[way]:
            verdict.unproved.append(f"no purchase was paid by {way}")
    left = [
        it.process.program.name
        for it in fleet.running
        if it.tree == old or (it.tree == EXPANDED and it.service == CHECKOUTS)
    ]
    verdict.expect(not left, f"still running: {left}")
    for violation in await fleet.verify():
        verdict.violations.append(f"feira verify: {violation}")


async def phase(name: str, tally: Tally, verdict: Verdict) -> None:
    """People buy for a while; a phase without a purchase proves nothing."""
    before = sum(tally.ends.values())
    await asyncio.sleep(PHASE_SECONDS)
    bought = sum(tally.ends.values()) - before
    verdict.figures[name] = f"{bought} purchases"
    if not bought:
        verdict.unproved.append(f"no purchase has ended with {name}")


async def main(release: Release, verdict: Verdict) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        root = release.extract(Path(folder) / "old", "services", "shared")
        async with fleet(Path(folder) / "home") as running:
            await prove(running, Tree(root, release.version, drains=False), verdict)


if __name__ == "__main__":
    release = before_this()
    if not release.is_there():
        say(f"SKIPPED: this clone has no commit {release.commit}; fetch the whole history for this proof")
        sys.exit(0)
    verdict = Verdict("upgrade")
    verdict.figures["from"] = release.version
    with verdict.taking_down():
        asyncio.run(main(release, verdict))
    sys.exit(verdict.end())
