"""DBOS Transact with a workflow of eleven steps that do nothing: ``python -m benchmarks.workflows URL``.

It runs in a process of its own, because DBOS starts threads and changes the event loop.
"""

from __future__ import annotations

import asyncio
import sys

import orjson
import uvloop
from dbos import DBOS

from benchmarks.in_flight import IN_FLIGHT, completed

STEPS = 11


@DBOS.step()
async def nothing() -> None:
    """The cost that remains is that of recording a step."""


@DBOS.workflow()
async def eleven_steps() -> None:
    for _ in range(STEPS):
        await nothing()


async def measure(url: str) -> dict[str, float]:
    """Workflows a second, by the number in flight."""
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR"})
    DBOS.launch()
    try:
        return {str(it): await completed(eleven_steps, it) for it in IN_FLIGHT}
    finally:
        DBOS.destroy()


async def measured_apart(url: str) -> dict[int, float]:
    """Run ``measure`` in a process of its own."""
    command = sys.executable, "-m", "benchmarks.workflows", url
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return {int(it): speed for it, speed in orjson.loads(output).items()}


if __name__ == "__main__":
    print(orjson.dumps(uvloop.run(measure(sys.argv[1]))).decode())
