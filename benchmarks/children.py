"""Work in processes of its own: two of them are what two replicas would be, and their CPU is theirs alone."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from typing import Any

import orjson
import structlog
import uvloop

from kernel.bootstrap import GC_THRESHOLD

Found = dict[str, Any]


async def together(*programs: Iterable[object]) -> list[Found]:
    """Start ``python -m PROGRAM``, one process each, the next when the one before is ready; then let all of
    them go at once. Returns what each has found out."""
    children: list[Process] = []
    try:
        for program in programs:
            command = (sys.executable, "-m", *map(str, program))
            children.append(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE))
            stdout = children[-1].stdout
            if stdout is None or not await stdout.readline():
                raise RuntimeError(f"{' '.join(command[2:4])} has failed before it was ready")
        told = await asyncio.gather(*(child.communicate(b"\n") for child in children))
        return [orjson.loads(out) for out, _ in told]
    except BaseException:
        for child in children:
            with suppress(ProcessLookupError):
                child.kill()
        raise
    finally:
        await asyncio.gather(*(child.wait() for child in children))


def work(main: Coroutine[Any, Any, Found]) -> None:
    """In such a process: do it as a service would, and tell what was found out."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    found = orjson.dumps(uvloop.run(main))
    # not by print: where Python is told not to buffer, the rest of what a pipe does not take at once is lost
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:  # no path
        out.write(found)


async def start_together() -> None:
    """Tell that everything is prepared, and wait for the others."""
    gc.freeze()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


def cpu_seconds() -> float:
    """What this process has used so far, all threads together."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
