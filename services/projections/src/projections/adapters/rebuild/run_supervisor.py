"""See that every run that should run is carried out by somebody, also after a crash."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from kernel.database import is_outage
from kernel.health import Heartbeats
from projections.adapters.rebuild import runs
from projections.read_models.model import ReadModel

LOG = structlog.get_logger()
BEAT = "runs"
LOOK_EVERY = 1.0
GATHER = 0.25
"""Seconds in which runs that are asked for together find together: they read the topics once."""
ORPHANED_AFTER_SECONDS = 5.0
"""Seconds in which whoever has begun a run begins to work at it, or to work at it again."""
ABANDON_AFTER_SECONDS = 30.0
"""Seconds in which a process of an older version would have taken up a run of its own."""


class RunSupervisor:
    """The processes that carry out runs for this one."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        models: Sequence[ReadModel[Any, Any]],
        instance: str,
        heartbeats: Heartbeats,
    ) -> None:
        self._pool = pool
        self._models = models
        self._instance = instance
        self._heartbeats = heartbeats
        self._gathering: set[UUID] | None = None
        self._at_work: dict[asyncio.Task[None], set[UUID]] = {}
        heartbeats.register(BEAT)

    async def run(self) -> None:
        """Look for orphaned runs until cancelled."""
        self._heartbeats.started(BEAT)
        try:
            while True:
                self._heartbeats.beat(BEAT)
                try:
                    for run_id in await runs.orphaned(self._pool, self._models, ORPHANED_AFTER_SECONDS):
                        self._take_alone(run_id)
                    await runs.abandon_older(self._pool, self._models, ABANDON_AFTER_SECONDS)
                except Exception as problem:
                    if not is_outage(problem):
                        raise
                    LOG.warning("run_lookup_failed", error=repr(problem))
                await asyncio.sleep(LOOK_EVERY)
        finally:
            for task in self._at_work:
                task.cancel()
            await asyncio.gather(*self._at_work, return_exceptions=True)

    def take(self, run_id: UUID) -> None:
        """Have it carried out here, unless it already is; together with others that are asked for now."""
        if self._is_ours(run_id):
            return
        if self._gathering is None:
            self._gathering = set()
            self._begin(self._gathering, GATHER)
        self._gathering.add(run_id)

    def _take_alone(self, run_id: UUID) -> None:
        """Its process has died: if that was its own doing, it takes no other run with it again."""
        if not self._is_ours(run_id):
            self._begin({run_id}, 0)

    def _is_ours(self, run_id: UUID) -> bool:
        return any(run_id in it for it in self._at_work.values())

    def _begin(self, run_ids: set[UUID], after: float) -> None:
        task = asyncio.create_task(self._carry_out(run_ids, after))
        self._at_work[task] = run_ids
        task.add_done_callback(self._at_work.pop)

    async def _carry_out(self, run_ids: set[UUID], after: float) -> None:
        await asyncio.sleep(after)
        if run_ids is self._gathering:
            self._gathering = None
        mine = {"FEIRA_SUPERVISOR_PID": str(os.getpid()), "FEIRA_INSTANCE": f"{self._instance} run"[:63]}
        told = sorted(str(it) for it in run_ids)
        command = (sys.executable, "-m", "projections", "carry-out", *told)
        process = await asyncio.create_subprocess_exec(*command, env=os.environ | mine)
        try:
            code = await process.wait()
            if code:
                LOG.warning("run_process_ended_early", run_ids=told, code=code)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
