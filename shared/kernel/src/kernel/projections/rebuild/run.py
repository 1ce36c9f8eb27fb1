"""One run: the lease, the read model's shadow, the progress report and the result."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg
import structlog

from kernel.faults import failpoints
from kernel.projections.model import ReadModel
from kernel.projections.rebuild import runs
from kernel.projections.rebuild.diff import Differences
from kernel.projections.rebuild.errors import RunFailed
from kernel.projections.rebuild.shadow import Shadow
from kernel.projections.rebuild.shadow_loader import ShadowLoader
from kernel.store.writing import Connection

LOG = structlog.get_logger()
MAX_ATTEMPTS = 5
# Sequential scans stay off as in all sessions, except where a statement reads whole tables. Losing a progress
# update does no harm.
SESSION = "SET statement_timeout = 0; SET synchronous_commit = off; SET temp_buffers = '64MB'"


class Run:
    """Owns the database session that holds the lease and makes all of the run's writes."""

    def __init__(
        self,
        row: asyncpg.Record,
        model: ReadModel,
        topics: Collection[str],
        connection: Connection,
    ) -> None:
        self.kind = row["kind"]
        self.shadow = Shadow(model, connection)
        self.loader = ShadowLoader(self.kind, topics, self.shadow, connection)
        self.topics = topics
        self.connection = connection
        self._run_id = row["run_id"]
        self._phase = "filling"

    @property
    def model(self) -> ReadModel:
        return self.shadow.model

    async def acquire_lease(self) -> bool:
        """False if another process holds it or the run is over."""
        if not await runs.lease(self.connection, self.model):
            LOG.info("run_taken_by_another_process", run_id=str(self._run_id))
            return False
        failpoints.active and await failpoints.hit("rebuild.after_lease")
        return await self.connection.fetchval(runs.CLAIM, self._run_id) is not None

    # failpoint: none needed (rebuild-transaction)
    async def begin(self) -> None:
        """Count the attempt and create the shadow. Called once the broker is readable, so that its outages
        use up no attempts. Raises ``RunFailed`` after ``MAX_ATTEMPTS``."""
        if await runs.count_attempt(self.connection, self._run_id) > MAX_ATTEMPTS:
            raise RunFailed(f"The run was started {MAX_ATTEMPTS} times, and its process died each time.")
        await self.connection.execute(SESSION)
        await self.shadow.create()

    # failpoint: none needed (rebuild-progress)
    async def report_progress(self, done: int, total: int, phase: str | None = None) -> None:
        self._phase = phase or self._phase
        skipped = self.loader.skipped
        await self.connection.execute(runs.PROGRESS, self._run_id, self._phase, done, total, skipped)

    async def complete(self, differences: Differences) -> None:
        await runs.end(self.connection, self._run_id, "completed", *differences)

    async def fail(self, error: Exception) -> None:
        expected = isinstance(error, RunFailed)
        LOG.error("run_failed", model=self.model.name, error=str(error), exc_info=None if expected else error)
        detail = str(error) if expected else repr(error)[:1000]
        await runs.end(self.connection, self._run_id, "failed", error=detail)
