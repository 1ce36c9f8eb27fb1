"""Kill, stop and slow down processes by signals."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import suppress

import asyncpg
import psutil

from kernel.postgres.connections import is_outage
from tests.proofs.chaos.faults.world import BACK_WITHIN, LOOK_EVERY, Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Kind

STOPPED_FOR = 15.0
"""Seconds; the session of a consumer ends after 10."""
SLOW_FOR = 15.0
ASLEEP, AWAKE = 0.9, 0.1
BACKENDS = """
    SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname LIKE 'feira%'
    AND pid <> pg_backend_pid() ORDER BY state = 'idle', pid
"""


async def kill(world: World, target: str, chance: random.Random) -> Effect:
    while True:
        pid = await world.running(target, chance)
        with suppress(ProcessLookupError):  # it has died since it was found
            os.kill(pid, signal.SIGKILL)
            world.has_died(pid)
            return {"killed": 1}


async def stop(world: World, target: str, chance: random.Random) -> Effect:
    pid = await world.running(target, chance)
    try:
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(STOPPED_FOR)
        # it may have been continued or replaced by something else
        is_still = psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except (ProcessLookupError, psutil.NoSuchProcess):
        raise NoEffect(f"{target} was killed by something else") from None
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    if not is_still:
        raise NoEffect(f"{target} was continued too early")
    return {"stopped_seconds": STOPPED_FOR}


async def slow_down(world: World, target: str, chance: random.Random) -> Effect:
    """The process runs a tenth of the time: enough to stay a group member, too little to keep up."""
    pid = await world.running(target, chance)
    until, asleep = time.monotonic() + SLOW_FOR, 0.0
    while time.monotonic() < until:
        try:
            os.kill(pid, signal.SIGSTOP)
            began = time.monotonic()
            await asyncio.sleep(ASLEEP)
            asleep += time.monotonic() - began
        except ProcessLookupError:
            break
        finally:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        await asyncio.sleep(AWAKE)
    if not asleep:
        raise NoEffect(f"{target} was killed by something else")
    return {"asleep_seconds": asleep}


async def empty(world: World, target: str, chance: random.Random) -> Effect:
    while True:
        pid = await world.running(target, chance)
        with suppress(ProcessLookupError):
            # a stopped process writes nothing more, once its pending system calls have ended, and is not
            # restarted yet
            os.kill(pid, signal.SIGSTOP)
            while (data := world.stack.home / "kafka").exists():
                shutil.rmtree(data, ignore_errors=True)
                await asyncio.sleep(LOOK_EVERY)
            os.kill(pid, signal.SIGKILL)
            world.has_died(pid)
            return {"killed": 1, "emptied": 1}


async def kill_backend(world: World, _target: str, _chance: random.Random) -> Effect:
    """Kill a busy backend, if there is one; PostgreSQL then ends all sessions and recovers."""
    async with asyncio.timeout(BACK_WITHIN):
        while True:
            found = await _backends(world.stack.addresses.postgres)
            with suppress(ProcessLookupError):
                if found:
                    os.kill(found[0], signal.SIGKILL)
                    return {"killed": 1, "sessions_ended": len(found)}
            await asyncio.sleep(LOOK_EVERY)


async def _backends(url: str) -> list[int]:
    """Empty while the server is down."""
    try:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return [int(it["pid"]) for it in await connection.fetch(BACKENDS)]
        finally:
            connection.terminate()
    except Exception as away:
        if not is_outage(away):
            raise
        return []


ACTS: Mapping[Kind, Act] = {
    Kind.PROCESS: kill,
    Kind.POSTMASTER: kill,
    Kind.KAFKA: kill,
    Kind.EMPTIED: empty,
    Kind.STOPPED: stop,
    Kind.SLOWED: slow_down,
    Kind.BACKEND: kill_backend,
}
