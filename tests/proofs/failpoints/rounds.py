"""Take some cases at once: arm them, go there until each has fired, and see everybody up again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import psutil

from kernel.faults.registry import Action
from tests.proofs.failpoints.arming import Arming, Shot
from tests.proofs.failpoints.cases import Case
from tests.proofs.failpoints.reaching import Reaching
from tests.support.stack import RunningStack
from tests.support.waiting import until

FIRED_WITHIN = 120.0
BACK_WITHIN = 90.0
WAVE = 4.0
"""Seconds until somebody else sets out for a place that has not been reached."""
MOST_UNDER_WAY = 40
LOOK_EVERY = 0.05


class Rounds:
    def __init__(self, stack: RunningStack, arming: Arming, reaching: Reaching) -> None:
        self._stack = stack
        self._arming = arming
        self._reaching = reaching
        self._pids = self._running()
        self.under_way: set[asyncio.Task[None]] = set()
        self.killed: Counter[str] = Counter()
        """By place, those who are known to be dead."""
        self.missed: list[str] = []

    async def play(self, cases: Sequence[Case]) -> None:
        fired: Counter[str] = Counter()
        self._arm(cases)
        deadline = time.monotonic() + FIRED_WITHIN
        set_out = 0.0
        while waiting := [it for it in cases if fired[it.rule] < it.times]:
            if time.monotonic() > deadline:
                self.missed += [f"{it.rule} fired {fired[it.rule]} times" for it in waiting]
                break
            if time.monotonic() - set_out > WAVE and len(self.under_way) < MOST_UNDER_WAY:
                set_out = time.monotonic()
                self._set_out(waiting)
            for shot in self._arming.news():
                fired[shot.rule] += 1
                set_out = 0.0  # whoever is to be reached twice is gone for at once
                await self._after(shot)
            if any(fired[it.rule] >= it.times for it in waiting):
                # what has served its turn would keep others from theirs
                self._arm([it for it in waiting if fired[it.rule] < it.times])
            await asyncio.sleep(LOOK_EVERY)
        self._arming.arm(())
        await self._until_whole()

    def _arm(self, cases: Sequence[Case]) -> None:
        """What a case is about comes first: what raises at a place leaves nothing to the rules behind it."""
        self._arming.arm((*(it.rule for it in cases), *(it.way.along for it in cases)))

    def _set_out(self, waiting: Sequence[Case]) -> None:
        for way in sorted({it.way.by for it in waiting}):
            task = asyncio.create_task(self._reaching.go(way), name=way)
            self.under_way.add(task)
            task.add_done_callback(self._arrived)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self.under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.missed.append(f"{task.get_name()} could not go on: {error!r}")

    async def _after(self, shot: Shot) -> None:
        match shot.action:
            case Action.KILL:
                await until(lambda: not _lives(shot.pid))
                self.killed[shot.place] += 1
                dead = [name for name, pid in self._pids.items() if pid == shot.pid]
                for name in dead:
                    await self._until_another(name, shot.pid)
            case Action.STOP:
                seconds = float(shot.rule.partition(":")[2].partition("@")[0])
                await until(lambda: time.time() > shot.at + seconds and not _is_stopped(shot.pid))

    async def _until_another(self, name: str, dead: int) -> None:
        await until(lambda: self._running().get(name) not in {None, dead}, BACK_WITHIN)
        self._pids = self._running()

    async def _until_whole(self) -> None:
        """It is said to be ready, and is not who was ready before."""
        await until(lambda: self._stack.status()["state"] == "ready", BACK_WITHIN)
        for shot in self._arming.news():
            await self._after(shot)
        self._pids = self._running()

    def _running(self) -> dict[str, int]:
        return {it["name"]: it["pid"] for it in self._stack.status()["processes"] if it["rss_bytes"]}


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_stopped(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False
