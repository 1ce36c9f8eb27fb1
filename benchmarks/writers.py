"""One process that writes: ``python -m benchmarks.writers HOW URL IN_FLIGHT COUNT``."""

from __future__ import annotations

import asyncio
import sys
import time

from benchmarks import peer
from benchmarks.children import Found, cpu_seconds, start_together, work
from benchmarks.figures import percentile
from benchmarks.samples import row
from kernel.postgres.connections import create_pool
from kernel.store.changes import LOG_COLUMNS, Changes
from kernel.store.group_commit import GroupCommitter

COPY, APPEND = "copy", "append"
PAGE = 500


async def write(how: str, url: str, in_flight: int, count: int) -> Found:
    """Rows a second, milliseconds of one commit, and microseconds of this process's CPU for each row."""
    if how == COPY:
        return await copy(url, count)
    if how == APPEND:
        return await append(url, in_flight, count)
    return await record(url, how, in_flight, count)


async def copy(url: str, count: int) -> Found:
    """One page per transaction, on one connection: the limit of PostgreSQL itself."""
    rows = [row() for _ in range(count)]
    async with await create_pool(url, "test", 2) as pool, pool.acquire() as connection:
        await start_together()
        cpu, began = cpu_seconds(), time.perf_counter()
        for start in range(0, count, PAGE):
            await connection.copy_records_to_table(
                "log", records=rows[start : start + PAGE], columns=LOG_COLUMNS
            )
        return found(count, time.perf_counter() - began, cpu_seconds() - cpu, [])


async def append(url: str, in_flight: int, count: int) -> Found:
    """Commits of one fact each, with ``in_flight`` of them waiting at any time."""
    async with await create_pool(url, "test") as pool:
        committer = GroupCommitter(pool)
        batch = iter([Changes(rows=[row()]) for _ in range(count)])
        took: list[float] = []

        async def writer() -> None:
            for changes in batch:
                began = time.perf_counter()
                await committer.commit(changes)
                took.append(time.perf_counter() - began)

        await start_together()
        cpu, began = cpu_seconds(), time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(in_flight):
                tasks.create_task(writer())
        return found(count, time.perf_counter() - began, cpu_seconds() - cpu, took)


async def record(url: str, way: str, threads: int, count: int) -> Found:
    """The peer's inserts of one event each."""
    with peer.recorder(url, way, threads) as recorder:
        peer.record(recorder, threads, 2 * threads)
        await start_together()
        cpu = cpu_seconds()
        seconds, took = peer.record(recorder, threads, count)
        return found(count, seconds, cpu_seconds() - cpu, took)


def found(count: int, seconds: float, cpu: float, took: list[float]) -> Found:
    if not took:
        return {"rate": count / seconds, "cpu": cpu / count * 1e6}
    p50, p99 = (percentile(took, it) * 1000 for it in (50, 99))
    return {"rate": count / seconds, "cpu": cpu / count * 1e6, "p50": p50, "p99": p99}


if __name__ == "__main__":
    how, url, in_flight, count = sys.argv[1:]
    work(write(how, url, int(in_flight), int(count)))
