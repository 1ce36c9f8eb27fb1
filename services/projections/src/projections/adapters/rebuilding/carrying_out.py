"""Carry out one run, in a process of its own: neither its work nor its end disturbs the service."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.topics import PARTITIONS
from kernel.database import create_pool
from kernel.messaging.broker import cluster_id
from kernel.messaging.transient import passes
from kernel.store.writing import Connection
from projections.adapters.rebuilding import runs
from projections.adapters.rebuilding.comparing import Differences, compare, progress_of, tables_of
from projections.adapters.rebuilding.filling import Filling
from projections.adapters.rebuilding.refusals import Failed
from projections.adapters.rebuilding.shadow import Shadow
from projections.adapters.rebuilding.swapping import Occupied, halt, swap
from projections.read_models.registry import GROUP, READ_MODELS, topics_of
from projections.settings import ProjectionsSettings

LOG = structlog.get_logger()
MOST_ATTEMPTS = 5
CLOSE = 2000
"""Records: what is missing is read while the live read model waits, or within its snapshot."""
TELL_EVERY = 0.3
TRIES = 20
LOOK_SECONDS = 1.0
POLITENESS = 2
FETCH_BYTES = 4 * 1024 * 1024
# plans by indexes alone, as everywhere, but for comparing; a lost progress mark need not reach the disk
SESSION = "SET statement_timeout = 0; SET synchronous_commit = off; SET temp_buffers = '64MB'"


async def carry_out(settings: ProjectionsSettings, run_id: UUID) -> None:
    """Until it is done, or the process that wanted it is gone; somebody else takes it up then."""
    os.nice(POLITENESS)
    work = asyncio.create_task(_work(settings, run_id))
    watch = asyncio.create_task(_until_orphaned(settings.supervisor_pid))
    await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
    watch.cancel()
    if not work.done():
        work.cancel()
        raise SystemExit("the service that began this run is gone")
    await work


async def _until_orphaned(parent: int | None) -> None:
    while parent is None or parent == os.getppid():  # noqa: ASYNC110  # a parent that dies tells nobody
        await asyncio.sleep(LOOK_SECONDS)


async def _work(settings: ProjectionsSettings, run_id: UUID) -> None:
    async with (
        await create_pool(settings.database_url, settings.env, 1, settings.instance) as pool,
        pool.acquire() as connection,
    ):
        row = await connection.fetchrow(runs.ONE, run_id)
        model = next((it for it in READ_MODELS if row and it.name == row["name"]), None)
        if row is None or model is None or model.version != row["version"]:
            raise SystemExit(f"run {run_id} is not of this version")
        if not await runs.lease(connection, model):
            LOG.info("somebody else carries out this run", run_id=str(run_id))
            return
        attempts = await connection.fetchval(runs.ATTEMPT, run_id)
        if attempts is None:
            return
        await connection.execute(SESSION)
        try:
            if attempts > MOST_ATTEMPTS:
                raise Failed(f"It was begun {MOST_ATTEMPTS} times; its process died each time.")
            async with _reading(settings.kafka_bootstrap) as (client, begins):
                shadow = Shadow(model, connection)
                await shadow.make()
                broker = await cluster_id(settings.kafka_bootstrap)
                filling = Filling(GROUP, row["kind"], shadow, connection, client, broker, begins)
                await Run(run_id, shadow, filling, connection).carry_out(row["kind"])
        except Exception as error:
            if passes(error):
                raise
            expected = isinstance(error, Failed)
            LOG.error("run failed", model=model.name, error=str(error), exc_info=None if expected else error)
            await runs.end(connection, run_id, "failed", error=str(error) if expected else repr(error)[:1000])


@asynccontextmanager
async def _reading(bootstrap: str) -> AsyncIterator[tuple[AIOKafkaConsumer, dict[TopicPartition, int]]]:
    """A reader outside of every group, and where the topics begin."""
    client = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await client.start()
        parts = [TopicPartition(it, part) for it in topics_of(*READ_MODELS) for part in range(PARTITIONS)]
        yield client, await client.beginning_offsets(parts)
    finally:
        await client.stop()


class Run:
    def __init__(self, run_id: UUID, shadow: Shadow, filling: Filling, connection: Connection) -> None:
        self._run_id = run_id
        self._shadow = shadow
        self._filling = filling
        self._connection = connection
        self._phase = "filling"
        self._total = 0
        self._told = 0.0

    async def carry_out(self, kind: str) -> None:
        await self._fill()
        if kind == "verify":
            await self._phase_begins("comparing")
            differences = await self._compare()
            await self._tell()
            await runs.end(self._connection, self._run_id, "completed", *differences)
        else:
            await self._phase_begins("swapping")
            differences = await self._rebuild()
        LOG.info(
            "run completed",
            kind=kind,
            model=self._shadow.model.name,
            events=self._filling.events_done,
            differences=differences.total,
        )

    async def _fill(self) -> None:
        """Until the live read model is close."""
        while True:
            targets = await self._filling.live_place()
            self._total = self._filling.total(targets)
            await self._tell()
            if self._total - self._filling.events_done < CLOSE:
                return
            await self._filling.up_to(targets, self._tell_now_and_then)

    async def _compare(self) -> Differences:
        """With the live tables as one snapshot shows them, at the place that the same snapshot shows: nobody
        waits for it."""
        async with self._connection.transaction(isolation="repeatable_read"):
            await self._come_to_the_same_place()
            tables = (*tables_of(self._shadow.model), progress_of(self._shadow.model))
            return await compare(tables, self._connection)

    async def _rebuild(self) -> Differences:
        for _ in range(TRIES):
            try:
                return await self._swap()
            except Occupied:
                await asyncio.sleep(random.uniform(0.05, 0.5))  # noqa: S311  # jitter, not a secret
        raise TimeoutError("others were writing all the time")

    async def _swap(self) -> Differences:
        async with self._connection.transaction():
            await halt(self._shadow, self._connection)
            halted = time.monotonic()
            await self._come_to_the_same_place()
            differences = await swap(self._shadow, self._connection)
            await self._tell()
            await runs.end(self._connection, self._run_id, "completed", *differences)
            await self._connection.execute("SET LOCAL synchronous_commit = on")
        LOG.info("applying was halted", seconds=round(time.monotonic() - halted, 3))
        return differences

    async def _come_to_the_same_place(self) -> None:
        targets = await self._filling.live_place()
        self._total = self._filling.total(targets)
        await self._filling.up_to(targets)
        await self._filling.settle()
        await self._filling.check()

    async def _phase_begins(self, phase: str) -> None:
        self._phase = phase
        await self._tell()

    async def _tell_now_and_then(self) -> None:
        if time.monotonic() - self._told > TELL_EVERY:
            await self._tell()

    async def _tell(self) -> None:
        self._told = time.monotonic()
        done, aside = self._filling.events_done, self._filling.set_aside
        await self._connection.execute(runs.PROGRESS, self._run_id, self._phase, done, self._total, aside)
