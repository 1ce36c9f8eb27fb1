"""Clients without a key attack a service while customers use it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack

import psutil

from tests.proofs.chaos.faults.world import Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Kind
from tests.support.hostile_clients import holding_still, memory_of, requests, trailers

MIB = 1024 * 1024
POURED = 9 * MIB
SECONDS = 8.0
STILL = 300
MOST_GROWN = 100 * MIB
"""Growth of a process's memory, including its normal work meanwhile."""


async def besiege(world: World, target: str, _chance: random.Random) -> Effect:
    """Endless trailers and requests, and idle connections. All processes at the address are watched, because
    the system chooses which of them accepts a connection."""
    await world.ready(target)
    url = world.stack.process(target)["url"]
    pids = [it["pid"] for it in world.stack.status()["processes"] if it["url"] == url]
    try:
        async with AsyncExitStack() as watching:
            watched = [await watching.enter_async_context(memory_of(it)) for it in pids]
            async with holding_still(url, STILL):
                trailing, flood = await asyncio.gather(
                    trailers(url, POURED, SECONDS), requests(url, POURED, SECONDS)
                )
    except (OSError, psutil.NoSuchProcess):
        raise NoEffect(f"{target} was killed by something else") from None
    grown = max(it.most - it.before for it in watched)
    if grown > MOST_GROWN:
        world.troubles.append(f"hostile clients made {target} grow by {grown // MIB} MiB")
    poured = [*trailing, flood]
    return {
        "bytes_poured": sum(it.taken for it in poured),
        "cut_off": sum(it.cut_off for it in poured),
        "held_still": STILL,
        "grown_mib": grown / MIB,
    }


ACTS: Mapping[Kind, Act] = {Kind.HOSTILE: besiege}
