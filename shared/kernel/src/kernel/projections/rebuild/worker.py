"""Worker process for runs: isolates their load and their crashes from the service."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from uuid import UUID

import asyncpg

from kernel.postgres.connections import create_pool
from kernel.projections.rebuild import runs
from kernel.projections.rebuild.coordinator import RunCoordinator
from kernel.projections.rebuild.run import Run
from kernel.projections.rebuild.topic_reader import open_topic_reader
from kernel.projections.registry import ProjectionRegistry
from kernel.service.settings import ServiceSettings

PARENT_CHECK_SECONDS = 1.0
NICE = 2


async def run_worker(
    settings: ServiceSettings, registry: ProjectionRegistry, run_ids: Sequence[UUID]
) -> None:
    """Execute the runs to their end. Exits early when the parent process dies: another instance continues."""
    os.nice(NICE)
    work = asyncio.create_task(_execute(settings, registry, run_ids))
    watch = asyncio.create_task(_until_orphaned(settings.supervisor_pid))
    await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
    watch.cancel()
    if not work.done():
        work.cancel()
        raise SystemExit("The service that started these runs has exited.")
    await work


async def _until_orphaned(parent: int | None) -> None:
    while parent is None or parent == os.getppid():  # noqa: ASYNC110  # no event announces a parent's death
        await asyncio.sleep(PARENT_CHECK_SECONDS)


async def _execute(settings: ServiceSettings, registry: ProjectionRegistry, run_ids: Sequence[UUID]) -> None:
    size = 2 * len(run_ids)  # half of a pool's connections are reserved for readers
    async with (
        await create_pool(settings.database_url, settings.env, size, settings.instance) as pool,
        AsyncExitStack() as sessions,
    ):
        acquired = [await _acquire(run_id, registry, pool, sessions) for run_id in run_ids]
        if leased := [run for run in acquired if run is not None]:
            types = frozenset[str]().union(*(run.model.types for run in leased))
            partitions = registry.partitions_of(*registry.models)
            async with open_topic_reader(settings.kafka, partitions, types, registry.messages) as reader:
                await RunCoordinator(leased, reader).run()


# failpoint: none needed (read-only)
async def _acquire(
    run_id: UUID,
    registry: ProjectionRegistry,
    pool: asyncpg.Pool[asyncpg.Record],
    sessions: AsyncExitStack,
) -> Run | None:
    """The run with its lease; None if another process holds the lease or the run is over."""
    connection = await sessions.enter_async_context(pool.acquire())
    row = await connection.fetchrow(runs.BY_ID, run_id)
    model = registry.find(row["name"]) if row else None
    if row is None or model is None or model.version != row["version"]:
        raise SystemExit(f"Run {run_id} does not exist or is for another version.")
    run = Run(row, model, registry.topics_of(model), connection)
    return run if await run.acquire_lease() else None
