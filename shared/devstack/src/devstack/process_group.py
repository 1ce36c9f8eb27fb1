"""The supervised processes of one stack."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Any

from devstack.process import Process
from devstack.program import Program
from devstack.stale_processes import MARKER
from devstack.state_dir import StateDir

BACKING_SERVICES = ("postgres", "kafka")


class ProcessGroup:
    """Starts the processes of a stack in its state directory, and stops services before backing services."""

    def __init__(self, home: StateDir, changed: Callable[[], None]) -> None:
        self._home = home
        self._changed = changed
        self._processes: list[Process] = []

    async def start(self, program: Program, limit: float) -> None:
        """Start a program, and return once it is ready. ``limit`` is in seconds. Raises ``StackError``."""
        marked = {**program.environment, MARKER: str(self._home.path)}
        process = Process(replace(program, environment=marked), self._home.path, self._changed)
        self._processes.append(process)
        process.start()
        await process.until_ready(limit)

    def is_ready(self) -> bool:
        return all(it.state == "ready" for it in self._processes)

    async def stop(self) -> None:
        """Stop all services concurrently, then PostgreSQL and Kafka."""
        parts = [it for it in self._processes if it.program.name in BACKING_SERVICES]
        await asyncio.gather(*(it.stop() for it in self._processes if it not in parts))
        await asyncio.gather(*(it.stop() for it in parts))

    def kill(self) -> None:
        for process in self._processes:
            process.kill()

    def describe(self) -> list[dict[str, Any]]:
        return [
            {
                "name": it.program.name,
                "pid": it.pid,
                "started_at": it.started_at,
                "url": it.program.url,
                "state": it.state,
                "restarts": it.restarts,
            }
            for it in self._processes
        ]


async def run_concurrently(awaitables: Iterable[Awaitable[Any]]) -> None:
    """Run all awaitables concurrently. The first failure cancels the others and is raised."""
    tasks = [asyncio.ensure_future(it) for it in awaitables]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
