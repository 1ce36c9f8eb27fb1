"""Fill the disk of the stack's home, and free it after some seconds."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping

from tests.proofs.chaos.faults.world import LOOK_EVERY, Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Kind
from tests.support.small_disk import fill, release

FULL_FOR = 10.0
"""Seconds."""


async def fill_up(world: World, _target: str, chance: random.Random) -> Effect:
    """Space that is freed meanwhile is taken, too. Ends when PostgreSQL and Kafka are ready again."""
    if world.disk is None:
        raise NoEffect("the home has no disk of its own")
    taken, until = 0, time.monotonic() + FULL_FOR
    try:
        while time.monotonic() < until:
            taken += await asyncio.to_thread(fill, world.disk)
            await asyncio.sleep(LOOK_EVERY)
    finally:
        release(world.disk)
    if not taken:
        raise NoEffect("the disk was full already")
    freed = time.monotonic()
    for part in ("postgres", "kafka"):
        await world.ready(part)
    return {"full_seconds": FULL_FOR, "taken_bytes": taken, "back_seconds": time.monotonic() - freed}


ACTS: Mapping[Kind, Act] = {Kind.FULL: fill_up}
