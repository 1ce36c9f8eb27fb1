"""POST /v1/projections/{name}/rebuild and /verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
from fastapi import Response
from pydantic import BaseModel

from contracts.roles import ADMINS, OPERATORS
from kernel import ids
from kernel.http.dependencies import Write
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.projections.rebuild import runs
from kernel.projections.rebuild.errors import ProjectionBusy, ProjectionNotFound
from kernel.projections.registry import ProjectionRegistry
from kernel.unit_of_work import UnitOfWork


class Difference(BaseModel):
    """A row in the live table and in the rebuilt one; null if there is none."""

    table: str
    live: dict[str, Any] | None
    rebuilt: dict[str, Any] | None


class Run(BaseModel):
    run_id: UUID
    kind: Literal["rebuild", "verify"]
    state: Literal["running", "completed", "failed"]
    phase: Literal["waiting", "filling", "comparing", "swapping", "done"]
    version: int
    attempts: int
    """More than 1 if the worker process died and the run was started again."""
    events_done: int
    events_total: int
    set_aside: int
    """Records that were skipped because they are parked or discarded."""
    differences: int | None
    """Number of differing rows of all tenants; null until they are compared."""
    sample: list[Difference]
    error: str | None
    started_at: datetime
    finished_at: datetime | None


def run_view(row: asyncpg.Record, tenant: str) -> Run:
    sample = [
        Difference(**difference) for difference in row["sample"] if difference["tenant"] in {tenant, None}
    ]
    return Run(**{**row, "sample": sample})


def not_found(name: str) -> ProjectionNotFound:
    return ProjectionNotFound(f"There is no read model named {name}.")


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: asyncpg.Pool[asyncpg.Record]
    registry: ProjectionRegistry
    start: Callable[[UUID], None]

    async def rebuild_projection(self, name: str, write: Write) -> Response:
        """Build the read model from the topics into shadow tables, and swap them in."""
        return await self._begin(name, "rebuild", write)

    async def verify_projection(self, name: str, write: Write) -> Response:
        """Build the read model from the topics into shadow tables, and compare the live tables with them."""
        return await self._begin(name, "verify", write)

    async def _begin(self, name: str, kind: str, write: CommandRequest) -> Response:
        model = self.registry.find(name)
        if model is None:
            raise not_found(name)

        async def act(_work: UnitOfWork) -> UUID:
            return ids.new_id()

        async def answer_for(run_id: UUID) -> Result:
            row = await runs.begin(self.pool, run_id, model, kind, write.context.actor)
            self.start(run_id)
            return Result(run_view(row, write.context.tenant))

        return await write.begin_and_respond(act, answer_for)


def table(
    pool: asyncpg.Pool[asyncpg.Record], registry: ProjectionRegistry, start: Callable[[UUID], None]
) -> RouteTable:
    """``start`` hands a run to the supervisor."""
    do = _Handlers(pool, registry, start)
    path, roles = "/v1/projections/{name}", (*OPERATORS, *ADMINS)
    refusals = (ProjectionNotFound, ProjectionBusy)
    return RouteTable(
        "projections",
        (
            Route("POST", f"{path}/rebuild", do.rebuild_projection, roles, Run, refusals, status=202),
            Route("POST", f"{path}/verify", do.verify_projection, roles, Run, refusals, status=202),
        ),
    )
