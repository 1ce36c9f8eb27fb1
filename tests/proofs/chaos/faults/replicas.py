"""Restart all services in turn as a deployment does, and add and remove replicas."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from cli.errors import StackError
from devstack import ports, probes
from devstack.process import Process
from devstack.program import Program
from devstack.services import url_of
from tests.proofs.chaos.faults.world import BACK_WITHIN, LOOK_EVERY, Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Kind

MORE = 3
TOGETHER_FOR = 10.0


async def restart_in_turn(world: World, _target: str, chance: random.Random) -> Effect:
    """Terminate each process and wait until it is back before the next one."""
    restarted = 0
    for name in [
        it["name"] for it in world.stack.status()["processes"] if it["name"] not in ("postgres", "kafka")
    ]:
        async with world.busy[name]:
            pid = await world.running(name, chance)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
                restarted += 1
            await _replaced(world, name, pid)
    return {"restarted": restarted}


async def _replaced(world: World, name: str, pid: int) -> None:
    async with asyncio.timeout(BACK_WITHIN):
        while True:
            found = world.stack.process(name)
            if found["pid"] != pid and found["state"] == "ready":
                return
            await asyncio.sleep(LOOK_EVERY)


async def one_four_one(world: World, target: str, chance: random.Random) -> Effect:
    """Three more replicas share the partitions and the port, and leave again; one of them is killed."""
    pid = await world.ready(target)  # a starting process has not its final command line yet
    try:
        model = psutil.Process(pid)
        command, settings = tuple(model.cmdline()), model.environ()
    except psutil.NoSuchProcess:
        raise NoEffect(f"{target} was killed by something else") from None
    more = [_another(command, settings, f"{target}-more-{it + 1}", world.stack.home) for it in range(MORE)]
    try:
        for it in more:
            it.start()
        try:
            await asyncio.gather(*(it.until_ready(BACK_WITHIN) for it in more))
        except StackError as never:
            raise TimeoutError(str(never)) from None
        await asyncio.sleep(TOGETHER_FOR)
        ready = sum(it.state == "ready" for it in more)
        chance.choice(more).kill()
    finally:
        await asyncio.gather(*(it.stop() for it in more))
    return {"joined": MORE, "there_until_the_end": ready, "left": MORE}


def _another(command: tuple[str, ...], settings: Mapping[str, str], name: str, home: Path) -> Process:
    """A process like a running one, with another name and an admin port of its own."""
    port = ports.free()
    own = {**settings, "FEIRA_INSTANCE": name, "FEIRA_ADMIN_PORT": str(port), "FEIRA_REUSE_PORT": "1"}
    return Process(Program(name, command, url_of(port), lambda: probes.is_ready(port), environment=own), home)


ACTS: Mapping[Kind, Act] = {Kind.ROLLING: restart_in_turn, Kind.SCALED: one_four_one}
