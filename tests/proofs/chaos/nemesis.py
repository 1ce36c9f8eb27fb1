"""Cause the planned faults in a running stack, and record each with its effect."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.proofs.chaos.faults import clock, deliveries, disk, hostile_clients, links, processes, replicas
from tests.proofs.chaos.faults.world import Act, Effect, NoEffect, World
from tests.proofs.chaos.plan import Fault, Kind
from tests.proofs.verdict import Verdict, say

ACTS: Mapping[Kind, Act] = {
    **processes.ACTS,
    **replicas.ACTS,
    **links.ACTS,
    **deliveries.ACTS,
    **clock.ACTS,
    **disk.ACTS,
    **hostile_clients.ACTS,
}
KILLS = {Kind.PROCESS, Kind.POSTMASTER, Kind.BACKEND, Kind.KAFKA, Kind.EMPTIED}


class Nemesis:
    def __init__(self, world: World, chance: Callable[..., random.Random], path: Path) -> None:
        """``chance``: ``Verdict.chance``."""
        self._world = world
        self._chance = chance
        self._path = path
        self.effects: defaultdict[Kind, Counter[str]] = defaultdict(Counter)
        self.kills_of: Counter[str] = Counter()
        self.missed: list[str] = []
        """Faults that were not caused, because their target did not come up in time."""

    async def storm(self, faults: Sequence[Fault]) -> None:
        """Cause all faults at their times; a fault whose target is down waits until it is up."""
        began = time.monotonic()
        await asyncio.gather(*(self._in_time(it, began + it.at) for it in faults))

    def figures(self) -> Mapping[str, Any]:
        """By kind: how often it was caused, how often without effect, and the sums of its effects."""
        return {kind.value: _rounded(self.effects[kind]) for kind in Kind if kind in self.effects}

    def report(self, faults: Sequence[Fault], verdict: Verdict) -> None:
        """Report the faults. A kind of fault without any effect makes the run prove nothing about it."""
        verdict.figures |= {
            "planned": Counter(it.kind.value for it in faults),
            "faults": self.figures(),
            "kills": sum(self.kills_of.values()),
            "kills_by_process": dict(self.kills_of),
        }
        for it in self.missed:
            verdict.expect_in_time(False, f"the target was not up in time: {it}")
        for it in self._world.troubles:
            verdict.expect(False, it)
        planned = {it.kind for it in faults}
        without_effect = [it for it in Kind if it in planned and not self.effects[it]["times"]]
        verdict.unproved += (f"it had no effect: {it.value}" for it in without_effect)

    async def _in_time(self, fault: Fault, when: float) -> None:
        await asyncio.sleep(max(0.0, when - time.monotonic()))
        async with self._world.busy[fault.target]:
            began = time.time()
            try:
                effect = await ACTS[fault.kind](
                    self._world, fault.target, self._chance("fault", fault.number)
                )
            except TimeoutError:
                self.missed.append(str(fault))
                return
            except NoEffect as why:
                self._note(fault, began, {"without_bite": 1}, str(why))
                return
        if fault.kind in KILLS:
            self.kills_of[fault.target] += 1
        self._note(fault, began, {"times": 1, **effect})

    def _note(self, fault: Fault, began: float, effect: Effect, why: str | None = None) -> None:
        say(f"{fault} {json.dumps(_rounded(effect))}{f' ({why})' if why else ''}")
        self.effects[fault.kind].update(Counter(effect))
        with self._path.open("a") as out:
            fields = {"at": began, "ended": time.time(), "kind": fault.kind.value, "target": fault.target}
            out.write(json.dumps({**fields, "bite": effect, "why": why}) + "\n")


def _rounded(effect: Mapping[str, float]) -> dict[str, float]:
    return {name: round(it, 1) if isinstance(it, float) else it for name, it in effect.items()}
