"""Durable appends to the log, beside PostgreSQL's own limit and `eventsourcing`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks import peer
from benchmarks.children import Found, together
from benchmarks.figures import Figure, Goal
from benchmarks.writers import APPEND, COPY, PAGE
from devstack.databases import Database
from kernel.store.loading import read_log
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import running_parts

WRITERS = "benchmarks.writers"
COUNTS = {1: 1_500, 16: 12_000, 64: 30_000, 256: 40_000}
"""Appends of each process, by the number in flight."""
GOALS_AT = 64
"""The number in flight to which the goals apply."""
COPY_COUNT = 40_000
PEERS_COUNTS = {peer.PLAIN: 1_000, peer.FAST: 2_000}
THREADS = (1, 8, 16)
READERS_PAGE = 1000
READER_PAUSE_SECONDS = 0.002
"""Seconds: the reader checks for missed rows and must not take a core from the writers."""


class Tail:
    """A reader that keeps a position and reads again and again what comes after it."""

    def __init__(self) -> None:
        self.seen = 0
        self._ending = False

    async def follow(self, pool: Pool) -> None:
        async with pool.acquire() as connection:
            last = await connection.fetchval("SELECT coalesce(max(position), 0) FROM log")
            while True:
                ending = self._ending
                rows = await read_log(connection, last, READERS_PAGE)
                self.seen += len(rows)
                if rows:
                    last = rows[-1]["position"]
                elif ending:
                    return
                if len(rows) < READERS_PAGE:
                    await asyncio.sleep(READER_PAUSE_SECONDS)

    def end(self) -> None:
        """Everything is written: rows that the reader does not find now are missed."""
        self._ending = True


@asynccontextmanager
async def followed(pool: Pool) -> AsyncIterator[Tail]:
    tail = Tail()
    following = asyncio.create_task(tail.follow(pool))
    yield tail
    tail.end()
    await following


async def of_the_peer(database: Database) -> dict[str, dict[int, Found]]:
    """Results by way and number of threads."""
    await together((WRITERS, peer.PLAIN, database.owner_url, 1, 100))  # once to create its tables
    return {
        way: {
            threads: (await together((WRITERS, way, database.owner_url, threads, count)))[0]
            for threads in THREADS
        }
        for way, count in PEERS_COUNTS.items()
    }


def best(of: dict[int, Found], in_flight: int) -> tuple[int, Found]:
    """The peer's best number of threads, of those with no more in flight."""
    return max(((it, found) for it, found in of.items() if it <= in_flight), key=lambda it: it[1]["rate"])


async def figures(home: Path) -> AsyncIterator[Figure]:
    async with running_parts(home, topics=False) as parts:
        database = await migrated_database("feira_bench", parts.postgres_superuser_url)
        elsewhere = await migrated_database("feira_peer", parts.postgres_superuser_url)
        async with service_pool(database) as pool:
            if await pool.fetchval("SHOW fsync") != "on":
                raise RuntimeError("appends that are not durable are not worth measuring")
            copying = WRITERS, COPY, database.service_url, 1, COPY_COUNT
            await together(copying)  # warm up
            limits = {count: sum(it["rate"] for it in await together(*[copying] * count)) for count in (1, 2)}
            peers = await of_the_peer(elsewhere)
            for processes in (1, 2):
                for in_flight, count in COUNTS.items():
                    async with followed(pool) as tail:
                        program = WRITERS, APPEND, database.service_url, in_flight, count
                        all_found = await together(*[program] * processes)
                    name = f"{processes} x {in_flight} in flight"
                    for figure in _figures_of(name, in_flight, all_found, limits[processes], peers):
                        yield figure
                    missed = processes * count - tail.seen
                    yield Figure(f"{name}: missed by a reader", missed, "rows", goal=Goal("<=", 0))


def _figures_of(
    name: str, in_flight: int, all_found: list[Found], limit: float, peers: dict[str, dict[int, Found]]
) -> list[Figure]:
    goals = in_flight == GOALS_AT
    rate = sum(it["rate"] for it in all_found)
    times = {peer.PLAIN: Goal(">=", 40, of_ratio=True), peer.FAST: Goal(">=", 20, of_ratio=True)}
    of_limit = Goal(">=", 0.35, of_ratio=True) if goals else None
    figures = [Figure(f"{name}: appends", rate, "/s", f"COPY in pages of {PAGE}", limit, of_limit)]
    for way, found in peers.items():
        threads, at_its_best = best(found, in_flight)
        beside = f"eventsourcing {way}, {threads} threads"
        figures.append(
            Figure(f"{name}: appends", rate, "/s", beside, at_its_best["rate"], times[way] if goals else None)
        )
    p50, p99 = (max(it[which] for it in all_found) for which in ("p50", "p99"))
    plain = best(peers[peer.PLAIN], in_flight)[1]
    figures.append(Figure(f"{name}: p50", p50, "ms", "eventsourcing plain", plain["p50"]))
    figures.append(
        Figure(
            f"{name}: p99", p99, "ms", "eventsourcing plain", plain["p99"], Goal("<", 10) if goals else None
        )
    )
    cpu = sum(it["cpu"] for it in all_found) / len(all_found)
    figures.append(Figure(f"{name}: client's CPU", cpu, "us", "eventsourcing plain", plain["cpu"]))
    return figures
