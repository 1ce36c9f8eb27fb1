"""Keep code and tables together: what tables hold was made by one version of a read model's code."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from kernel import ids
from kernel.database import is_outage
from kernel.errors import LostPlace
from kernel.health import Heartbeats
from kernel.store.writing import Connection
from projections.adapters.rebuild import runs
from projections.adapters.rebuild.errors import ProjectionBusy
from projections.read_models.model import ReadModel

LOG = structlog.get_logger()
BEAT = "read models"
LOOK_EVERY = 0.5
TRY_AGAIN_AFTER = 60.0
"""Seconds from the beginning of a run that fails to that of the next."""
ACTOR = "service:renewal"


class VersionGate:
    """Before a process takes part in live applying, every read model is what its code says; the processes of
    the version before go on with the old tables until then, and stop at the swap."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        models: Sequence[ReadModel[Any, Any]],
        take: Callable[[UUID], None],
        heartbeats: Heartbeats,
    ) -> None:
        self._pool = pool
        self._models = models
        self._wanted = {it.name: it.version for it in models}
        self._take = take
        self._heartbeats = heartbeats
        self._again_at: dict[str, float] = {}
        heartbeats.register(BEAT)

    async def until_current(self) -> None:
        while True:
            self._heartbeats.beat(BEAT)
            try:
                held = await runs.versions(self._pool)
                if held == self._wanted:
                    self._heartbeats.finished(BEAT)
                    return
                await self._renew(held)
            except Exception as problem:
                if not is_outage(problem):
                    raise
                LOG.warning("read_model_version_check_failed", error=repr(problem))
            await asyncio.sleep(LOOK_EVERY)

    async def _renew(self, held: dict[str, int]) -> None:
        """Never back to an older version: an operator may, by asking for a rebuild."""
        older = [it for it in self._models if held.get(it.name, 0) < it.version]
        for model in older:
            if time.monotonic() < self._again_at.get(model.name, 0):
                continue
            LOG.info("read_model_rebuild_started", model=model.name, version=model.version)
            run_id = ids.fresh()
            try:
                await runs.begin(self._pool, run_id, model, "rebuild", ACTOR)
            except ProjectionBusy:
                continue
            self._again_at[model.name] = time.monotonic() + TRY_AGAIN_AFTER
            self._take(run_id)

    async def guard(self, connection: Connection) -> None:
        """Within each batch: raises ``LostPlace`` where the tables are another version's than this code's."""
        held = await runs.versions(connection)
        if held != self._wanted:
            raise LostPlace(f"the read models are {held} by now, and this code knows {self._wanted}")
