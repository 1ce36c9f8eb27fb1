"""Carry out runs in a process of its own: neither their work nor their end disturbs the service."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from uuid import UUID

import asyncpg

from kernel.database import create_pool
from projections.adapters.rebuild import runs
from projections.adapters.rebuild.coordinator import RunCoordinator
from projections.adapters.rebuild.run import Run
from projections.adapters.rebuild.topic_reader import open_topic_reader
from projections.read_models.registry import GROUP, READ_MODELS, topics_of
from projections.settings import ProjectionsSettings

LOOK_SECONDS = 1.0
NICE = 2


async def carry_out(settings: ProjectionsSettings, run_ids: Sequence[UUID]) -> None:
    """Until they are done, or the process that wanted them is gone; somebody else takes them up then."""
    os.nice(NICE)
    work = asyncio.create_task(_work(settings, run_ids))
    watch = asyncio.create_task(_until_orphaned(settings.supervisor_pid))
    await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
    watch.cancel()
    if not work.done():
        work.cancel()
        raise SystemExit("the service that began these runs is gone")
    await work


async def _until_orphaned(parent: int | None) -> None:
    while parent is None or parent == os.getppid():  # noqa: ASYNC110  # a parent that dies tells nobody
        await asyncio.sleep(LOOK_SECONDS)


async def _work(settings: ProjectionsSettings, run_ids: Sequence[UUID]) -> None:
    size = 2 * len(run_ids)  # half of a pool's connections are readers'
    async with (
        await create_pool(settings.database_url, settings.env, size, settings.instance) as pool,
        AsyncExitStack() as sessions,
    ):
        taken = [await _taken(it, pool, sessions) for it in run_ids]
        if ours := [it for it in taken if it is not None]:
            types = frozenset[str]().union(*(it.model.types for it in ours))
            topics = topics_of(*READ_MODELS)
            async with open_topic_reader(settings.kafka_bootstrap, GROUP, topics, types) as read:
                await RunCoordinator(ours, read).carry_out()


async def _taken(run_id: UUID, pool: asyncpg.Pool[asyncpg.Record], sessions: AsyncExitStack) -> Run | None:
    """Unless somebody else carries it out."""
    connection = await sessions.enter_async_context(pool.acquire())
    row = await connection.fetchrow(runs.ONE, run_id)
    model = next((it for it in READ_MODELS if row and it.name == row["name"]), None)
    if row is None or model is None or model.version != row["version"]:
        raise SystemExit(f"run {run_id} is not of this version")
    run = Run(row, model, GROUP, connection)
    return run if await run.is_ours() else None
