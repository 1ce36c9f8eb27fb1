"""Version gate: facts are applied to a read model only while its tables hold the version of the code."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

import asyncpg
import structlog

from kernel import ids
from kernel.errors import OffsetFenced
from kernel.projections.model import ReadModel
from kernel.projections.rebuild import runs
from kernel.projections.rebuild.errors import ProjectionBusy
from kernel.store.writing import Connection

LOG = structlog.get_logger()
POLL_SECONDS = 0.5
RETRY_SECONDS = 60.0
"""From the start of a run that fails to the start of the next one."""
ACTOR = "service:renewal"


class VersionGate:
    """Has an outdated read model rebuilt before this process applies facts to it. Processes of the previous
    version continue on the old tables meanwhile, and stop at the swap."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        model: ReadModel,
        start_run: Callable[[UUID], None],
    ) -> None:
        self._pool = pool
        self._model = model
        self._start_run = start_run
        self._retry_at = 0.0

    async def is_current(self) -> bool:
        return await runs.version(self._pool, self._model) == self._model.version

    async def wait_until_current(self) -> None:
        while (stored := await runs.version(self._pool, self._model)) != self._model.version:
            if stored < self._model.version:
                await self._rebuild()
            await asyncio.sleep(POLL_SECONDS)
        self._retry_at = 0.0

    async def _rebuild(self) -> None:
        """Upgrades only. An operator downgrades by requesting a rebuild from the older code."""
        if time.monotonic() < self._retry_at:
            return
        run_id = ids.new_id()
        try:
            await runs.begin(self._pool, run_id, self._model, "rebuild", ACTOR)
        except ProjectionBusy:
            return
        LOG.info("read_model_rebuild_started", model=self._model.name, version=self._model.version)
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._start_run(run_id)

    async def guard(self, connection: Connection) -> None:
        """Called in each batch. Raises ``OffsetFenced`` if the tables' version is not the expected one."""
        stored = await runs.version(connection, self._model)
        if stored != self._model.version:
            raise OffsetFenced(
                f"the tables of {self._model.name} hold version {stored}, and this process expects"
                f" {self._model.version}"
            )
