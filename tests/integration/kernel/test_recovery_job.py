"""``recover-log`` as a program: how long it waits, what it prints."""

from __future__ import annotations

import asyncio

import asyncpg
import orjson
import pytest

from contracts.registry import MessageRegistry
from devstack.databases import Database
from kernel.postgres import connections
from kernel.recovery.job import DRY_RUN, RecoverySettings, recover_log
from tests.support.database import Pool
from tests.support.parts import Parts
from tests.support.waiting import until

STATEMENT_TIMEOUT = 0.5
WAITS = """
    SELECT EXISTS (SELECT FROM pg_stat_activity
                   WHERE application_name = 'offer recover-log' AND wait_event_type = 'Lock'
                   AND clock_timestamp() - query_start > interval '1 second')
"""


async def test_a_statement_of_a_recovery_may_take_longer_than_one_of_a_service(
    parts: Parts,
    database: Database,
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Appending a whole log takes minutes; a limit of seconds would refuse it however often it is tried."""
    monkeypatch.setattr(connections, "STATEMENT_TIMEOUT", STATEMENT_TIMEOUT)
    settings = RecoverySettings(database_url=database.service_url, kafka_bootstrap=parts.kafka_bootstrap)
    blocker = await asyncpg.connect(database.superuser_url)
    try:
        async with asyncio.TaskGroup() as tasks, blocker.transaction():
            await blocker.execute("LOCK TABLE relay_cursor IN ACCESS EXCLUSIVE MODE")
            tasks.create_task(recover_log(settings, "offer", MessageRegistry(), {}, [DRY_RUN]))
            await until(lambda: pool.fetchval(WAITS), limit=10)
    finally:
        await blocker.close()
    assert orjson.loads(capfdbinary.readouterr().out.splitlines()[-1])["facts"] == 0
