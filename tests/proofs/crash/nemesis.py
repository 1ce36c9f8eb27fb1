"""Break the parts of a running stack, from outside, by their process numbers."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg

from tests.proofs.crash.plan import Fault, Kind
from tests.proofs.verdict import say
from tests.support.stack import RunningStack

STOPPED_FOR = 15.0
"""Seconds; the session of a consumer ends after 10."""
BACK_WITHIN = 150.0
LOOK_EVERY = 0.05
BACKENDS = """
    SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname LIKE 'feira%'
    AND pid <> pg_backend_pid() ORDER BY state = 'idle', pid
"""


class Nemesis:
    def __init__(self, stack: RunningStack, chance: random.Random, path: Path) -> None:
        self._stack = stack
        self._chance = chance
        self._path = path
        self._busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.done: Counter[str] = Counter()
        self.missed: list[str] = []
        self._dead: set[int | None] = {None}
        """The stack may not have noticed yet."""
        self.kills_of: Counter[str] = Counter()

    async def storm(self, faults: Sequence[Fault]) -> None:
        """All of them at their times; one whose target is down waits until it is up again."""
        began = time.monotonic()
        await asyncio.gather(*(self._in_time(it, began + it.at) for it in faults))

    async def _in_time(self, fault: Fault, when: float) -> None:
        await asyncio.sleep(max(0.0, when - time.monotonic()))
        async with self._busy[fault.target]:
            try:
                number = await self._until_done(fault)
            except TimeoutError:
                self.missed.append(str(fault))
                return
        say(f"{fault} ({number})")
        self.done[fault.kind.value] += 1
        if fault.kind is not Kind.STOPPED:
            self._dead.add(number)
            self.kills_of[fault.target] += 1
        with self._path.open("a") as out:
            told = {"at": time.time(), "kind": fault.kind.value, "target": fault.target, "pid": number}
            out.write(json.dumps(told) + "\n")

    async def _until_done(self, fault: Fault) -> int:
        while True:
            with suppress(ProcessLookupError):  # it has died by itself since it was looked at
                return await self._do(fault)

    async def _do(self, fault: Fault) -> int:
        if fault.kind is Kind.BACKEND:
            async with asyncio.timeout(BACK_WITHIN):
                return await self._kill_backend()
        pid = await self._running(fault.target)
        match fault.kind:
            case Kind.STOPPED:
                os.kill(pid, signal.SIGSTOP)
                await asyncio.sleep(STOPPED_FOR)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
            case Kind.EMPTIED:
                # what is stopped writes nothing more, and is not yet started again
                os.kill(pid, signal.SIGSTOP)
                shutil.rmtree(self._stack.home / "kafka")
                os.kill(pid, signal.SIGKILL)
            case _:
                os.kill(pid, signal.SIGKILL)
        return pid

    async def _running(self, name: str) -> int:
        """Wait until it has been ready since its last death; half of the time its start is enough."""
        enough = {"ready"} if self._chance.random() < 0.5 else {"ready", "starting"}
        async with asyncio.timeout(BACK_WITHIN):
            while True:
                found = self._stack.process(name)
                if found["pid"] not in self._dead and found["state"] in enough and found["rss_bytes"]:
                    return int(found["pid"])
                await asyncio.sleep(LOOK_EVERY)

    async def _kill_backend(self) -> int:
        """One that is working, if any is; PostgreSQL then ends all sessions and recovers."""
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection = await asyncpg.connect(self._stack.addresses.postgres, timeout=5)
                try:
                    found = await connection.fetch(BACKENDS)
                finally:
                    connection.terminate()
                if found:
                    pid = int(found[0]["pid"])
                    os.kill(pid, signal.SIGKILL)
                    return pid
            await asyncio.sleep(LOOK_EVERY)
