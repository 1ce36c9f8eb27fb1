"""Version gate: a process applies facts only while the tables hold the versions of its own code."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from kernel import ids
from kernel.errors import OffsetFenced
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.projections.model import ReadModel
from kernel.projections.rebuild import runs
from kernel.projections.rebuild.errors import ProjectionBusy
from kernel.store.writing import Connection

LOG = structlog.get_logger()
HEARTBEAT = "read models"
POLL_SECONDS = 0.5
RETRY_SECONDS = 60.0
"""From the start of a run that fails to the start of the next one."""
ACTOR = "service:renewal"


class VersionGate:
    """Rebuilds outdated read models before this process starts to consume. Processes of the previous version
    continue on the old tables meanwhile, and stop at the swap."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        models: Sequence[ReadModel[Any, Any]],
        start_run: Callable[[UUID], None],
        heartbeats: Heartbeats,
    ) -> None:
        self._pool = pool
        self._models = models
        self._expected = {model.name: model.version for model in models}
        self._start_run = start_run
        self._heartbeats = heartbeats
        self._retry_at: dict[str, float] = {}
        heartbeats.register(HEARTBEAT)

    async def wait_until_current(self) -> None:
        while True:
            self._heartbeats.beat(HEARTBEAT)
            try:
                stored = await runs.versions(self._pool)
                if stored == self._expected:
                    self._heartbeats.finished(HEARTBEAT)
                    return
                await self._rebuild_outdated(stored)
            except Exception as problem:
                if not is_outage(problem):
                    raise
                LOG.warning("read_model_version_check_failed", error=repr(problem))
            await asyncio.sleep(POLL_SECONDS)

    async def _rebuild_outdated(self, stored: dict[str, int]) -> None:
        """Upgrades only. An operator downgrades by requesting a rebuild from the older code."""
        outdated = [model for model in self._models if stored.get(model.name, 0) < model.version]
        for model in outdated:
            if time.monotonic() < self._retry_at.get(model.name, 0):
                continue
            LOG.info("read_model_rebuild_started", model=model.name, version=model.version)
            run_id = ids.new_id()
            try:
                await runs.begin(self._pool, run_id, model, "rebuild", ACTOR)
            except ProjectionBusy:
                continue
            self._retry_at[model.name] = time.monotonic() + RETRY_SECONDS
            self._start_run(run_id)

    async def guard(self, connection: Connection) -> None:
        """Called in each batch. Raises ``OffsetFenced`` if the tables' version is not the expected one."""
        stored = await runs.versions(connection)
        if stored != self._expected:
            raise OffsetFenced(
                f"the tables hold versions {stored}, and this process expects {self._expected}"
            )
