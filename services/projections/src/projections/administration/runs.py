"""POST /v1/projections/{name}/rebuild and /verify."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Response
from pydantic import BaseModel

from kernel import ids
from kernel.http.dependencies import command_request
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.openapi import refusals
from kernel.http.requests import StrictRoute
from kernel.http.results import Result
from kernel.projections.rebuild import runs
from kernel.projections.rebuild.errors import ProjectionBusy, ProjectionNotFound
from kernel.projections.registry import ProjectionRegistry
from kernel.unit_of_work import UnitOfWork

ADMIN_ROLES = ("ops", "admin")
REFUSALS = refusals(ProjectionNotFound, ProjectionBusy)


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


def router(
    pool: asyncpg.Pool[asyncpg.Record], registry: ProjectionRegistry, start: Callable[[UUID], None]
) -> APIRouter:
    """``start`` hands a run to the supervisor."""
    routes = APIRouter(prefix="/v1/projections", route_class=StrictRoute, tags=["projections"])

    async def begin(name: str, kind: str, write: CommandRequest) -> Response:
        model = registry.find(name)
        if model is None:
            raise not_found(name)

        async def act(_work: UnitOfWork) -> UUID:
            return ids.new_id()

        async def answer_for(run_id: UUID) -> Result:
            row = await runs.begin(pool, run_id, model, kind, write.context.actor)
            start(run_id)
            return Result(run_view(row, write.context.tenant), status=202)

        return await write.begin_and_respond(act, answer_for)

    @routes.post(
        "/{name}/rebuild", status_code=202, response_model=Run, responses=REFUSALS, name="rebuild_projection"
    )
    async def rebuild(name: str, write: Annotated[CommandRequest, command_request(*ADMIN_ROLES)]) -> Response:
        """Build the read model from the topics into shadow tables, and swap them in."""
        return await begin(name, "rebuild", write)

    @routes.post(
        "/{name}/verify", status_code=202, response_model=Run, responses=REFUSALS, name="verify_projection"
    )
    async def verify(name: str, write: Annotated[CommandRequest, command_request(*ADMIN_ROLES)]) -> Response:
        """Build the read model from the topics into shadow tables, and compare the live tables with them."""
        return await begin(name, "verify", write)

    return routes
