"""Run work in child processes: two of them act as two replicas, and their CPU time is measured apart."""

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

from kernel.service.bootstrap import GC_THRESHOLD

Found = dict[str, Any]


async def together(*programs: Iterable[object]) -> list[Found]:
    """Start ``python -m PROGRAM`` for each, one after another as they get ready; then let all go at once.
    Returns the result of each."""
    children: list[Process] = []
    try:
        for program in programs:
            command = (sys.executable, "-m", *map(str, program))
            children.append(await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE))
            stdout = children[-1].stdout
            if stdout is None or not await stdout.readline():
                raise RuntimeError(f"{' '.join(command[2:4])} failed before it was ready")
        outputs = await asyncio.gather(*(child.communicate(b"\n") for child in children))
        return [orjson.loads(out) for out, _ in outputs]
    except BaseException:
        for child in children:
            with suppress(ProcessLookupError):
                child.kill()
        raise
    finally:
        await asyncio.gather(*(child.wait() for child in children))


def work(main: Coroutine[Any, Any, Found]) -> None:
    """The main function of such a process: run as a service would, and write the result to stdout."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)
    found = orjson.dumps(uvloop.run(main))
    # not by print: with an unbuffered stdout, what a pipe does not take at once is lost
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:  # no path
        out.write(found)


async def start_together() -> None:
    """Report that everything is prepared, and wait for the start signal."""
    gc.freeze()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


def cpu_seconds() -> float:
    """CPU time of this process so far, all threads together."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
