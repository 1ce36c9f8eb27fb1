"""DBOS Transact with a workflow of eleven steps that do nothing: ``python -m benchmarks.workflows URL``.

It has a process of its own, for it brings threads and changes the event loop it runs in.
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
    """What is left is what the record of a step costs."""


@DBOS.workflow()
async def eleven_steps() -> None:
    for _ in range(STEPS):
        await nothing()


async def measure(url: str) -> dict[str, float]:
    """Workflows a second, by how many are in flight."""
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR"})
    DBOS.launch()
    try:
        return {str(it): await completed(eleven_steps, it) for it in IN_FLIGHT}
    finally:
        DBOS.destroy()


async def measured_apart(url: str) -> dict[int, float]:
    """The same in a process of its own, that has ended by the return."""
    command = sys.executable, "-m", "benchmarks.workflows", url
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    return {int(it): speed for it, speed in orjson.loads(told).items()}


if __name__ == "__main__":
    print(orjson.dumps(uvloop.run(measure(sys.argv[1]))).decode())
