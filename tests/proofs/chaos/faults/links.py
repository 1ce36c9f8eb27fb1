"""Disturb the link from one service to one of its dependencies, and no other link."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping

from tests.proofs.chaos.faults.world import Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Kind
from tests.proofs.chaos.proxy import Harm

SHORTEST, LONGEST = 5.0, 12.0
EFFECT_WITHIN = 60.0
LOOK_EVERY = 0.25
FEW_ARE_ENOUGH = 3
FOR_GOOD = 0.5
"""Probability that a mute connection stays mute, instead of being reset at the end."""


def _hurting(harm: Callable[[random.Random], Harm], what: str) -> Act:
    async def act(world: World, target: str, chance: random.Random) -> Effect:
        """For some seconds, and then until it has had an effect on a connection."""
        proxies, before = await world.proxy(target)
        seconds, for_good = chance.uniform(SHORTEST, LONGEST), chance.random() < FOR_GOOD
        await proxies.hurt(target, harm(chance))
        try:
            await _until(world, target, what, before, seconds)
        finally:
            await proxies.hurt(target, Harm(), mute_for_good=for_good)
        return await _effect(world, target, before)

    return act


async def _until(world: World, target: str, what: str, before: Mapping[str, int], seconds: float) -> None:
    began = time.monotonic()
    while True:
        count_of_effect = (await _effect(world, target, before)).get(what, 0)
        passed = time.monotonic() - began
        if what == "connections_cut" and count_of_effect >= FEW_ARE_ENOUGH:
            return
        if count_of_effect and passed > seconds:
            return
        if passed > EFFECT_WITHIN:
            raise NoEffect(f"no connection came through {target}")
        await asyncio.sleep(LOOK_EVERY)


async def _effect(world: World, target: str, before: Mapping[str, int]) -> Effect:
    _, now = await world.proxy(target)
    return {name: count - before.get(name, 0) for name, count in now.items() if count > before.get(name, 0)}


async def reset(world: World, target: str, _chance: random.Random) -> Effect:
    proxies, before = await world.proxy(target)
    deadline = time.monotonic() + EFFECT_WITHIN
    while time.monotonic() < deadline:
        await proxies.reset_all(target)
        if effect := await _effect(world, target, before):
            return effect
        await asyncio.sleep(LOOK_EVERY)
    raise NoEffect(f"no connection came through {target}")


ACTS: Mapping[Kind, Act] = {
    Kind.LATE: _hurting(lambda chance: Harm(delay=chance.uniform(0.1, 1.0)), "pieces_delayed"),
    Kind.NO_ANSWERS: _hurting(lambda _: Harm(swallow="answers"), "answers_bytes_swallowed"),
    Kind.NO_REQUESTS: _hurting(lambda _: Harm(swallow="requests"), "requests_bytes_swallowed"),
    Kind.CUT: _hurting(lambda chance: Harm(cut_after=chance.randrange(3000)), "connections_cut"),
    Kind.TRICKLE: _hurting(lambda chance: Harm(answers_per_second=chance.randint(500, 5000)), "bytes_slowed"),
    Kind.RESET: reset,
}
