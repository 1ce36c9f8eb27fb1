"""One run: its read model's shadow, how far it is, and what comes of it."""

from __future__ import annotations

from typing import Any

import asyncpg
import structlog

from kernel.faults import failpoints
from kernel.store.writing import Connection
from projections.adapters.rebuild import runs
from projections.adapters.rebuild.diff import Differences
from projections.adapters.rebuild.errors import RunFailed
from projections.adapters.rebuild.shadow import Shadow
from projections.adapters.rebuild.shadow_loader import ShadowLoader
from projections.read_models.model import ReadModel

LOG = structlog.get_logger()
MAX_ATTEMPTS = 5
# plans by indexes alone, as everywhere, but for comparing; a lost progress mark need not reach the disk
SESSION = "SET statement_timeout = 0; SET synchronous_commit = off; SET temp_buffers = '64MB'"


class Run:
    """Has a session of its own, which holds the lease: the two end together."""

    def __init__(
        self, row: asyncpg.Record, model: ReadModel[Any, Any], group: str, connection: Connection
    ) -> None:
        self.kind = row["kind"]
        self.shadow = Shadow(model, connection)
        self.loader = ShadowLoader(group, self.kind, self.shadow, connection)
        self.connection = connection
        self._run_id = row["run_id"]
        self._phase = "filling"

    @property
    def model(self) -> ReadModel[Any, Any]:
        return self.shadow.model

    async def is_ours(self) -> bool:
        """From here on, unless somebody else carries it out, or it is over."""
        if not await runs.lease(self.connection, self.model):
            LOG.info("run_taken_by_another_process", run_id=str(self._run_id))
            return False
        failpoints.active and await failpoints.reach("rebuild.after_lease")
        return await self.connection.fetchval(runs.TAKEN, self._run_id) is not None

    # failpoint: none needed (rebuild-transaction)
    async def begin(self) -> None:
        """Counted only now that the broker can be read: while that is away nobody is to blame."""
        if await runs.attempt(self.connection, self._run_id) > MAX_ATTEMPTS:
            raise RunFailed(f"It was begun {MAX_ATTEMPTS} times; its process died each time.")
        await self.connection.execute(SESSION)
        await self.shadow.make()

    # failpoint: none needed (rebuild-progress)
    async def tell(self, done: int, total: int, phase: str | None = None) -> None:
        self._phase = phase or self._phase
        aside = self.loader.set_aside
        await self.connection.execute(runs.PROGRESS, self._run_id, self._phase, done, total, aside)

    async def complete(self, differences: Differences) -> None:
        await runs.end(self.connection, self._run_id, "completed", *differences)

    async def fail(self, error: Exception) -> None:
        expected = isinstance(error, RunFailed)
        LOG.error("run_failed", model=self.model.name, error=str(error), exc_info=None if expected else error)
        told = str(error) if expected else repr(error)[:1000]
        await runs.end(self.connection, self._run_id, "failed", error=told)
