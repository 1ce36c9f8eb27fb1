"""Supervise runs: every active run gets a worker process, and a new one after a crash."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import structlog

from kernel.observability.health import Heartbeats
from kernel.observability.metrics.read_models import REBUILD_RUNS
from kernel.postgres.connections import is_outage
from kernel.projections.model import ReadModel
from kernel.projections.rebuild import runs
from kernel.service.runtime import run_forever

LOG = structlog.get_logger()
HEARTBEAT = "runs"
POLL_SECONDS = 1.0
GROUPING_SECONDS = 0.25
"""Runs requested within this time share a worker process, which reads the topics once for all of them."""
ORPHANED_AFTER_SECONDS = 5.0
"""A run whose lease is free and whose row has not changed for this long is taken over."""
ABANDON_AFTER_SECONDS = 30.0
"""A run of an older version that no process of that version takes over within this time is failed."""


class RunSupervisor:
    """Starts the worker processes of this service instance."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        models: Sequence[ReadModel],
        module: str,
        instance: str,
        heartbeats: Heartbeats,
    ) -> None:
        """``module``: the service's, which ``python -m MODULE carry-out RUN ...`` starts as a worker."""
        self._pool = pool
        self._models = models
        self._module = module
        self._instance = instance
        self._heartbeats = heartbeats
        self._next_group: set[UUID] | None = None
        self._workers: dict[asyncio.Task[None], set[UUID]] = {}
        heartbeats.register(HEARTBEAT)

    async def run(self) -> None:
        """Take over orphaned runs until cancelled."""
        self._heartbeats.started(HEARTBEAT)
        try:
            await run_forever(
                self._look_after_runs,
                pause=lambda: asyncio.sleep(POLL_SECONDS),
                beat=lambda: self._heartbeats.beat(HEARTBEAT),
                on_error=_warn_of_outage,
            )
        finally:
            for task in self._workers:
                task.cancel()
            await asyncio.gather(*self._workers, return_exceptions=True)

    async def _look_after_runs(self) -> None:
        for run_id in await runs.orphaned(self._pool, self._models, ORPHANED_AFTER_SECONDS):
            self._take_over(run_id)
        await runs.abandon_older(self._pool, self._models, ABANDON_AFTER_SECONDS)

    def start(self, run_id: UUID) -> None:
        """Execute the run in a worker, grouped with other runs requested at the same time. Idempotent."""
        if self._has_worker(run_id):
            return
        if self._next_group is None:
            self._next_group = set()
            self._spawn(self._next_group, GROUPING_SECONDS)
        self._next_group.add(run_id)

    def _take_over(self, run_id: UUID) -> None:
        """In a worker of its own: if the run caused the crash, it does not affect other runs again."""
        if not self._has_worker(run_id):
            self._spawn({run_id}, 0)

    def _has_worker(self, run_id: UUID) -> bool:
        return any(run_id in run_ids for run_ids in self._workers.values())

    def _spawn(self, run_ids: set[UUID], delay_seconds: float) -> None:
        task = asyncio.create_task(self._run_worker(run_ids, delay_seconds))
        self._workers[task] = run_ids
        task.add_done_callback(self._workers.pop)

    async def _run_worker(self, run_ids: set[UUID], delay_seconds: float) -> None:
        await asyncio.sleep(delay_seconds)
        if run_ids is self._next_group:
            self._next_group = None
        environment = {
            "FEIRA_SUPERVISOR_PID": str(os.getpid()),
            "FEIRA_INSTANCE": f"{self._instance} run",
        }
        arguments = sorted(str(run_id) for run_id in run_ids)
        command = (sys.executable, "-m", self._module, "carry-out", *arguments)
        process = await asyncio.create_subprocess_exec(*command, env=os.environ | environment)
        try:
            code = await process.wait()
            if code:
                LOG.warning("run_process_ended_early", run_ids=arguments, code=code)
            await self._count_ended(run_ids)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _count_ended(self, run_ids: set[UUID]) -> None:
        """A run that is still running has lost its worker: another one takes it over."""
        try:
            ended = await runs.rebuilds(self._pool, run_ids)
        except Exception as error:
            _warn_of_outage(error)
            return
        for model, state in ended:
            REBUILD_RUNS.labels(model, "interrupted" if state == "running" else state).inc()


def _warn_of_outage(error: Exception) -> None:
    if not is_outage(error):
        raise error
    LOG.warning("run_lookup_failed", error=repr(error))
