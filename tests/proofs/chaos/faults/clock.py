"""Let the databases' clocks jump: forward for good, or back and after some seconds forward again.

Directly in the databases: `/v1/clock` moves forwards only, step by step, and waits for what is down.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta

import asyncpg

from contracts.topology import SERVICE_NAMES
from kernel.postgres.connections import is_outage
from tests.proofs.chaos.faults.world import BACK_WITHIN, LOOK_EVERY, Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Kind

JUMP = timedelta(minutes=6)
"""Beyond a checkout's session of 4 minutes (``SESSION``); a checkout would have to live through five of them
before its lock and its reservation, of 30 minutes, ended under it."""
SESSION = {"FEIRA_CHECKOUT_SESSION_MINUTES": "4"}
BACK_FOR = 10.0
ABOUT = timedelta(seconds=1)
SET = "UPDATE clock SET shift = $1"
SEEN = "SELECT feira_now() - now()"


async def jump(world: World, _target: str, chance: random.Random) -> Effect:
    """All databases jump at nearly the same time, as on one server."""
    if chance.random() < 0.5:
        return {"jumped_seconds": await _move(world, JUMP)}
    back = await _move(world, -JUMP)
    await asyncio.sleep(BACK_FOR)
    return {"jumped_seconds": await _move(world, JUMP), "jumped_back_seconds": -back}


async def _move(world: World, by: timedelta) -> float:
    """Returns the smallest jump, in seconds, that a service's connection sees."""
    before, world.shift = world.shift, world.shift + by
    databases = world.stack.addresses.databases
    seen = await asyncio.gather(*(set_clock(databases[it], world.shift) for it in SERVICE_NAMES))
    least = min((it - before for it in seen), key=lambda it: abs(it.total_seconds()))
    if abs(least - by) > ABOUT:
        raise NoEffect(f"a connection saw {least} of it")
    return least.total_seconds()


async def set_clock(url: str, shift: timedelta) -> timedelta:
    """Returns the difference to the machine's clock, as connections like those of the services see it."""
    async with asyncio.timeout(BACK_WITHIN):
        while True:
            try:
                return await _set(url, shift)
            except Exception as away:
                if not is_outage(away):
                    raise
            await asyncio.sleep(LOOK_EVERY)


async def _set(url: str, shift: timedelta) -> timedelta:
    connection = await asyncpg.connect(url, timeout=5, server_settings={"feira.env": "test"})
    try:
        await connection.execute(SET, shift)
        seen: timedelta = await connection.fetchval(SEEN)
        return seen
    finally:
        connection.terminate()


ACTS: Mapping[Kind, Act] = {Kind.CLOCK: jump}
