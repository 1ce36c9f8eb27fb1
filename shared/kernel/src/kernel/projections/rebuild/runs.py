"""The table of runs: requests for rebuilds and verifications, their progress and their results."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from kernel.faults import failpoints
from kernel.postgres.advisory_locks import PROJECTION_RUNS
from kernel.projections.model import ReadModel
from kernel.projections.rebuild.errors import ProjectionBusy
from kernel.store.writing import Connection

BEGIN = """
    INSERT INTO read_model_run (run_id, name, version, kind, asked_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
"""
BY_ID = "SELECT * FROM read_model_run WHERE run_id = $1"
REBUILDS = "SELECT name, state FROM read_model_run WHERE run_id = ANY($1) AND kind = 'rebuild'"
RUNNING = "SELECT run_id, kind FROM read_model_run WHERE name = $1 AND state = 'running'"
LATEST = """
    SELECT DISTINCT ON (name) * FROM read_model_run WHERE name = ANY($1) ORDER BY name, started_at DESC
"""
UNATTENDED = """
    NOT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
                WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2
                  AND classid = $4 AND objid = (hashtext(r.name)::bigint & 4294967295)::oid)
    AND touched_at < now() - make_interval(secs => $3)
"""
ORPHANED = f"""
    SELECT run_id FROM read_model_run r JOIN unnest($1::text[], $2::int[]) AS v (name, version)
        USING (name, version)
    WHERE state = 'running' AND {UNATTENDED}
"""  # noqa: S608  # the condition is a constant
ABANDON_OLDER = f"""
    UPDATE read_model_run r SET state = 'failed', phase = 'done', finished_at = now(),
           error = 'No process of this version is running any more.'
    FROM unnest($1::text[], $2::int[]) AS v (name, version)
    WHERE r.name = v.name AND r.version < v.version AND state = 'running' AND {UNATTENDED}
"""  # noqa: S608  # the condition is a constant
LEASE = "SELECT pg_try_advisory_lock($1, hashtext($2))"
CLAIM = (
    "UPDATE read_model_run SET touched_at = now() WHERE run_id = $1 AND state = 'running' RETURNING run_id"
)
ATTEMPT = """
    UPDATE read_model_run SET attempts = attempts + 1, touched_at = now(), phase = 'filling', events_done = 0
    WHERE run_id = $1 AND state = 'running' RETURNING attempts
"""
PROGRESS = """
    UPDATE read_model_run
    SET phase = $2, events_done = $3, events_total = $4, set_aside = $5, touched_at = clock_timestamp()
    WHERE run_id = $1
"""
END = """
    UPDATE read_model_run SET state = $2, phase = 'done', differences = $3, sample = $4, error = $5,
           finished_at = clock_timestamp(), touched_at = clock_timestamp()
    WHERE run_id = $1 AND state = 'running' RETURNING run_id
"""
VERSION = "SELECT version FROM read_model WHERE name = $1"
VERSIONS = "SELECT name, version FROM read_model"
MAX_TRIES = 10


async def begin(
    pool: asyncpg.Pool[asyncpg.Record], run_id: UUID, model: ReadModel, kind: str, asked_by: str
) -> asyncpg.Record:
    """Create the run, or return the existing one of this id. Raises ``ProjectionBusy`` while another run of
    the read model is active."""
    for _ in range(MAX_TRIES):
        await pool.execute(BEGIN, run_id, model.name, model.version, kind, asked_by)
        failpoints.active and await failpoints.hit("rebuild.after_begin")
        if run := await pool.fetchrow(BY_ID, run_id):
            return run
        if other := await pool.fetchrow(RUNNING, model.name):
            raise ProjectionBusy(
                f"A {other['kind']} of {model.name} is running. Wait until it has finished.",
                run_id=str(other["run_id"]),
            )
    raise ProjectionBusy(f"Runs of {model.name} start and finish too quickly. Try again.")


async def latest(
    pool: asyncpg.Pool[asyncpg.Record], models: Sequence[ReadModel]
) -> dict[str, asyncpg.Record]:
    return {row["name"]: row for row in await pool.fetch(LATEST, [it.name for it in models])}


async def rebuilds(pool: asyncpg.Pool[asyncpg.Record], run_ids: Collection[UUID]) -> list[tuple[str, str]]:
    """The read model and the state of those of these runs that are rebuilds."""
    return [(row["name"], row["state"]) for row in await pool.fetch(REBUILDS, list(run_ids))]


async def orphaned(
    pool: asyncpg.Pool[asyncpg.Record], models: Sequence[ReadModel], seconds: float
) -> list[UUID]:
    """Running runs of exactly these versions that no process has held the lease of for ``seconds``."""
    names, versions = [it.name for it in models], [it.version for it in models]
    return [row["run_id"] for row in await pool.fetch(ORPHANED, names, versions, seconds, PROJECTION_RUNS)]


# failpoint: none needed (rebuild-progress)
async def abandon_older(
    pool: asyncpg.Pool[asyncpg.Record], models: Sequence[ReadModel], seconds: float
) -> None:
    """Fail runs of older versions that no process has worked on for ``seconds``: they block newer runs."""
    names, versions = [it.name for it in models], [it.version for it in models]
    await pool.execute(ABANDON_OLDER, names, versions, seconds, PROJECTION_RUNS)


async def version(connection: Connection | asyncpg.Pool[asyncpg.Record], model: ReadModel) -> int:
    """The version that the live tables hold; 0 before the first one."""
    return await connection.fetchval(VERSION, model.name) or 0


async def versions(connection: Connection | asyncpg.Pool[asyncpg.Record]) -> dict[str, int]:
    """The version that the live tables hold, by read model."""
    return {row["name"]: row["version"] for row in await connection.fetch(VERSIONS)}


# failpoint: none needed (session-lock)
async def lease(connection: Connection, model: ReadModel) -> bool:
    """Try to become the only run of this read model. The lease is held by the session, in which the run also
    makes all of its writes: it ends when the session does, thus with the process at the latest."""
    return bool(await connection.fetchval(LEASE, PROJECTION_RUNS, model.name))


# failpoint: none needed (rebuild-progress)
async def count_attempt(connection: Connection, run_id: UUID) -> int:
    """Increment the run's number of attempts and return it; 0 if the run is over."""
    return await connection.fetchval(ATTEMPT, run_id) or 0


# failpoint: none needed (rebuild-end)
async def end(
    connection: Connection,
    run_id: UUID,
    state: str,
    differences: int | None = None,
    sample: Sequence[dict[str, Any]] = (),
    error: str | None = None,
) -> None:
    if await connection.fetchval(END, run_id, state, differences, list(sample), error) is None:
        raise RuntimeError(f"run {run_id} was ended by another process")
