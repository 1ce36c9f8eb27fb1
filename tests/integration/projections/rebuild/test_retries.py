"""What fails because a part is away is tried again until it is back, without anybody's help."""

from __future__ import annotations

import asyncio
import os
import sys
from uuid import UUID

import pytest

from cli.stack.databases import Database
from kernel import ids
from kernel.health import Heartbeats
from projections.adapters.rebuild import runs, version_gate
from projections.adapters.rebuild.version_gate import VersionGate
from projections.read_models.registry import READ_MODELS
from tests.integration.projections.rebuild.conftest import Operator
from tests.support.database import Pool
from tests.support.running import running
from tests.support.waiting import until

MODEL = READ_MODELS[1]
NO_BROKER = "127.0.0.1:1"


async def test_a_run_is_not_given_up_because_the_broker_is_away(
    operator: Operator, pool: Pool, database: Database
) -> None:
    run_id = ids.fresh()
    await runs.begin(pool, run_id, MODEL, "rebuild", "ops:somebody")
    told = {"FEIRA_ENV": "test", "FEIRA_DATABASE_URL": database.service_url}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "projections", "carry-out", str(run_id)),
        env={**os.environ, **told, "FEIRA_KAFKA_BOOTSTRAP": NO_BROKER},
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await child.wait() != 0
    run = await operator.ended(MODEL.name, str(run_id))
    assert (run["state"], run["attempts"]) == ("completed", 1)


async def test_a_read_model_whose_renewal_has_failed_is_begun_again(
    operator: Operator, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version_gate, "RETRY_SECONDS", 0.1)
    await pool.execute("UPDATE read_model SET version = version - 1 WHERE name = $1", MODEL.name)
    begun: list[UUID] = []
    async with running(VersionGate(pool, READ_MODELS, begun.append, Heartbeats()).wait_until_current()):
        await until(lambda: len(begun) == 1)
        async with pool.acquire() as connection:
            await runs.end(connection, begun[0], "failed", error="a test")
        await until(lambda: len(begun) == 2)
    run = await operator.ended(MODEL.name, str(begun[1]))
    assert run["state"] == "completed"
