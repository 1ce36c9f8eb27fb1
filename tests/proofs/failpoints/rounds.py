"""Play some cases at once: arm them, act until each has fired, and wait until all processes are up again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import psutil

from kernel.faults.failpoint import Action
from tests.proofs.failpoints.arming import Arming, Shot
from tests.proofs.failpoints.cases import Case
from tests.proofs.failpoints.reaching import Reaching
from tests.support.stack import RunningStack
from tests.support.waiting import until

FIRED_WITHIN = 120.0
BACK_WITHIN = 90.0
WAVE = 4.0
"""Seconds until the activity is repeated for a failpoint that has not been reached."""
MAX_UNDER_WAY = 40
LOOK_EVERY = 0.05


class Rounds:
    def __init__(self, stack: RunningStack, arming: Arming, reaching: Reaching) -> None:
        self._stack = stack
        self._arming = arming
        self._reaching = reaching
        self._pids = self._running()
        self.under_way: set[asyncio.Task[None]] = set()
        self.killed: Counter[str] = Counter()
        """Failpoint -> number of processes that it has killed."""
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
            if time.monotonic() - set_out > WAVE and len(self.under_way) < MAX_UNDER_WAY:
                set_out = time.monotonic()
                self._set_out(waiting)
            for shot in self._arming.news():
                fired[shot.rule] += 1
                set_out = 0.0  # a case with two hits is pursued at once
                await self._after(shot)
            if any(fired[it.rule] >= it.times for it in waiting):
                # a completed case could prevent the others' hits
                self._arm([it for it in waiting if fired[it.rule] < it.times])
            await asyncio.sleep(LOOK_EVERY)
        self._arming.arm(())
        await self._until_whole()

    def _arm(self, cases: Sequence[Case]) -> None:
        """The cases' own rules come first: a rule that raises hides the later rules of its failpoint."""
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
        """Wait until the stack is ready with the processes that replace the killed ones."""
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
