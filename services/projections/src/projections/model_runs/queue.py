"""The queue of runs: asked for, taken by a worker under a lease, ended once.

A worker that dies loses its lease, and another one takes the run over. ``attempts`` fences: what a worker
writes that has lost its run without noticing is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from kernel import ids
from kernel.postgres.service_pool import ServicePool
from kernel.store.writing import Connection
from projections.model_runs.models import VERSIONS

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
NIGHTLY = "nightly"
ENQUEUE = """
    INSERT INTO model_run (tenant, run_id, model, version, currency, night, asked_by, asked_at)
    SELECT asked.*, feira_now()
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::date[], $7::text[])
        AS asked
    ON CONFLICT DO NOTHING
"""
CURRENCIES = """
    SELECT DISTINCT tenant, currency FROM sales
    WHERE tenant = ANY($1::text[]) AND orders > 0 AND day < (feira_now() AT TIME ZONE 'UTC')::date
    ORDER BY tenant, currency
"""
TENANTS = "SELECT DISTINCT tenant FROM sales ORDER BY tenant"
OPEN = """
    SELECT * FROM model_run WHERE tenant = $1 AND state IN ('queued', 'running') ORDER BY asked_at, run_id
"""
TAKE = """
    UPDATE model_run SET state = 'running', attempts = attempts + 1, leased_until = now() + $1::interval,
        started_at = feira_now()
    WHERE (tenant, run_id) = (
        SELECT tenant, run_id FROM model_run
        WHERE state = 'queued' OR (state = 'running' AND leased_until < now())
        ORDER BY asked_at, run_id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING tenant, run_id, model, currency, attempts, (feira_now() AT TIME ZONE 'UTC')::date AS today
"""
RENEW = """
    UPDATE model_run SET leased_until = now() + $4::interval
    WHERE (tenant, run_id, attempts) = ($1, $2, $3) AND state = 'running'
"""
GIVE_BACK = """
    UPDATE model_run SET state = 'queued', attempts = attempts - 1, leased_until = NULL
    WHERE (tenant, run_id, attempts) = ($1, $2, $3) AND state = 'running'
"""
END = """
    UPDATE model_run SET state = $4, reason = $5, finished_at = feira_now(), leased_until = NULL,
        trained_from = $6, trained_to = $7, rows = $8, parameters = $9, log_likelihood = $10, errors = $11
    WHERE (tenant, run_id, attempts) = ($1, $2, $3) AND state = 'running' RETURNING true
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that this worker holds."""

    tenant: str
    run_id: UUID
    model: str
    currency: str
    attempts: int
    today: date

    @property
    def fence(self) -> tuple[str, UUID, int]:
        return self.tenant, self.run_id, self.attempts


@dataclass(frozen=True, slots=True)
class Ended:
    state: str
    reason: str | None = None
    trained_from: date | None = None
    trained_to: date | None = None
    rows: int | None = None
    parameters: dict[str, Any] | None = None
    log_likelihood: float | None = None
    errors: dict[str, Any] | None = None


# failpoint: none needed (model-run)
async def ask(
    connection: Connection, tenants: Sequence[str], asked_by: str, night: date | None = None
) -> None:
    """Queue a run of each model in each currency that the tenants have sold in before today. A model whose
    run is open already, or has been queued for this night, gets none besides."""
    sold = await connection.fetch(CURRENCIES, tenants)
    wanted = [
        (row["tenant"], ids.new_id(), model, version, row["currency"], night, asked_by)
        for row in sold
        for model, version in VERSIONS.items()
    ]
    if wanted:
        await connection.execute(ENQUEUE, *map(list, zip(*wanted, strict=True)))


async def open_runs(connection: Connection, tenant: str) -> list[asyncpg.Record]:
    return list(await connection.fetch(OPEN, tenant))


# failpoint: none needed (model-run)
async def take(pool: ServicePool) -> Taken | None:
    """The run that has waited for longest, or whose worker is gone; None if there is none."""
    row = await pool.fetchrow(TAKE, LEASE)
    return Taken(**row) if row else None


# failpoint: none needed (model-run)
async def renew(pool: ServicePool, run: Taken) -> None:
    await pool.execute(RENEW, *run.fence, LEASE)


# failpoint: none needed (model-run)
async def give_back(pool: ServicePool, run: Taken) -> None:
    """This worker stops: the next one need not wait for the end of the lease."""
    await pool.execute(GIVE_BACK, *run.fence)


# failpoint: none needed (model-run)
async def end(connection: Connection, run: Taken, how: Ended) -> bool:
    """False, and nothing is changed, if another worker has the run."""
    ended = await connection.fetchval(
        END,
        *run.fence,
        how.state,
        how.reason,
        how.trained_from,
        how.trained_to,
        how.rows,
        how.parameters,
        how.log_likelihood,
        how.errors,
    )
    return bool(ended)
