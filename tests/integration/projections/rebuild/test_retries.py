"""Runs that fail because of an outage, or of an earlier failure, are retried without an operator."""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import UUID

import pytest

from devstack.databases import Database
from kernel import ids
from kernel.projections.rebuild import runs, version_gate
from kernel.projections.rebuild.version_gate import VersionGate
from projections.models.registry import REGISTRY
from tests.integration.projections.rebuild.conftest import Operator
from tests.support.database import Pool
from tests.support.running import running
from tests.support.waiting import until

MODEL = REGISTRY.models[1]
NO_BROKER = "127.0.0.1:1"


async def test_an_outage_of_the_broker_uses_up_no_attempts_of_a_run(
    operator: Operator, pool: Pool, database: Database
) -> None:
    run_id = ids.new_id()
    await runs.begin(pool, run_id, MODEL, "rebuild", "ops:test")
    settings = {"FEIRA_ENV": "test", "FEIRA_DATABASE_URL": database.service_url}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "projections", "carry-out", str(run_id)),
        env={**os.environ, **settings, "FEIRA_KAFKA_BOOTSTRAP": NO_BROKER},
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await child.wait() != 0
    run = await operator.wait_for_end(MODEL.name, str(run_id))
    assert (run["state"], run["attempts"]) == ("completed", 1)


async def test_the_version_gate_retries_a_failed_rebuild(
    operator: Operator, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_gate, "RETRY_SECONDS", 0.1)
    await pool.execute("UPDATE read_model SET version = version - 1 WHERE name = $1", MODEL.name)
    started: list[UUID] = []
    async with running(VersionGate(pool, MODEL, started.append).wait_until_current()):
        await until(lambda: len(started) == 1)
        async with pool.acquire() as connection:
            await runs.end(connection, started[0], "failed", error="a test")
        await until(lambda: len(started) == 2)
    run = await operator.wait_for_end(MODEL.name, str(started[1]))
    assert run["state"] == "completed"
