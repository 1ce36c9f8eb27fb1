"""POST /v1/analytics/models/run and GET /v1/analytics/models/runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import Response

from contracts.roles import MODELLERS
from kernel.http.auth import Caller
from kernel.http.dependencies import Write
from kernel.http.paging import Page, Paged
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.postgres.service_pool import ServicePool
from kernel.store.event_store import Transaction
from projections.model_runs import queue
from projections.model_runs.schemas import ModelRun, ModelRuns

PATH = "/v1/analytics/models"
PAGE = """
    SELECT * FROM model_run
    WHERE tenant = $1 AND ($2::timestamptz IS NULL OR (asked_at, run_id) < ($2, $3))
    ORDER BY asked_at DESC, run_id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class _Handlers:
    pool: ServicePool

    async def run_models(self, write: Write) -> Response:
        """Queues a run of each model in each currency with sales before today, and returns those that wait or
        run. A model whose run has not ended gets none besides."""

        async def act(transaction: Transaction) -> Result:
            tenant = write.context.tenant
            await queue.ask(transaction.connection, [tenant], write.context.actor)
            rows = await queue.open_runs(transaction.connection, tenant)
            return Result(ModelRuns(runs=[ModelRun.of(it) for it in rows]))

        return await write.run_within(act)

    async def list_model_runs(self, caller: Caller, paging: Paged) -> Page[ModelRun]:
        """The latest first."""
        after = paging.after(datetime, UUID)
        rows = await self.pool.fetch_for_tenant(caller.tenant, PAGE, *(after or (None, None)), paging.more)
        return paging.page(rows, key=lambda it: (it["asked_at"], str(it["run_id"])), show=ModelRun.of)


def table(pool: ServicePool) -> RouteTable:
    do = _Handlers(pool)
    return RouteTable(
        "analytics",
        (
            Route("POST", f"{PATH}/run", do.run_models, MODELLERS, ModelRuns, status=202),
            Route("GET", f"{PATH}/runs", do.list_model_runs, MODELLERS, Page[ModelRun]),
        ),
    )
