"""``feira up`` until everything is ready, and what the idle stack then uses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import psutil

from benchmarks.figures import Figure, Goal
from tests.support.stack import RunningStack, running_stack

SETTLED_AFTER = 5.0
IDLE_FOR = 20.0
SETTINGS = {"FEIRA_ENV": "local"}
READY = Goal("<", 8)
MAX_MEMORY = Goal("<", 420)
MAX_CPU = Goal("<", 5)


async def figures(home: Path) -> AsyncIterator[Figure]:
    with running_stack(home / "prepared", SETTINGS):
        pass  # what is fetched and created once per machine exists now
    for name, where in (("in a new home", "fresh"), ("in a home that has data", "prepared")):
        began = time.perf_counter()
        running = running_stack(home / where, SETTINGS)
        stack = await asyncio.to_thread(running.__enter__)
        try:
            yield Figure(f"starting {name}, until ready", time.perf_counter() - began, "s", goal=READY)
            if where == "prepared":
                async for figure in idle(stack):
                    yield figure
        finally:
            await asyncio.to_thread(running.__exit__, None, None, None)


async def idle(stack: RunningStack) -> AsyncIterator[Figure]:
    await asyncio.sleep(SETTLED_AFTER)
    processes = python_processes(stack)
    before = {name: cpu(it) for name, it in processes.items()}
    began = time.perf_counter()
    await asyncio.sleep(IDLE_FOR)
    seconds = time.perf_counter() - began
    used = {name: (cpu(it) - before[name]) / seconds * 100 for name, it in processes.items()}
    memory = {name: proportional_mb(it.pid) for name, it in processes.items()}
    for name in processes:
        yield Figure(f"idle, {name}, memory (PSS)", memory[name], "MB")
        yield Figure(f"idle, {name}, CPU of a core", used[name], "%")
    yield Figure("idle, all Python processes, memory (PSS)", sum(memory.values()), "MB", goal=MAX_MEMORY)
    yield Figure("idle, all Python processes, CPU of a core", sum(used.values()), "%", goal=MAX_CPU)


def python_processes(stack: RunningStack) -> Mapping[str, psutil.Process]:
    """The services and their supervisor, without PostgreSQL and Kafka."""
    services = {
        it["name"]: psutil.Process(it["pid"])
        for it in stack.status()["processes"]
        if it["name"] not in {"postgres", "kafka"}
    }
    return {"supervisor": psutil.Process(stack.supervisor.pid), **services}


def cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return used.user + used.system


def proportional_mb(pid: int) -> float:
    """Proportional set size: shared memory counts in proportion."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(it for it in lines if it.startswith("Pss:")).split()[1]) / 1024
