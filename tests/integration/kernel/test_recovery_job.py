"""``recover-log`` as a program: how long it waits, what it prints."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import asyncpg
import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts import stock
from contracts.registry import MessageRegistry, TopicMessages, facts_in
from devstack.databases import Database
from kernel.postgres import connections
from kernel.postgres.advisory_locks import RELAY_LEADER
from kernel.recovery import log_recovery
from kernel.recovery.job import DRY_RUN, RecoverySettings, recover_log
from tests.support.database import Pool
from tests.support.kafka_records import received_stock, send
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


async def test_the_lock_of_a_relay_alone_is_no_proof_that_nothing_is_missing(
    parts: Parts,
    database: Database,
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setattr(log_recovery, "LEAD_SECONDS", 0.0)
    topic = await new_topic(parts)
    messages = MessageRegistry([TopicMessages(topic, "/feira/offer", facts_in(stock))])
    settings = RecoverySettings(database_url=database.service_url, kafka_bootstrap=parts.kafka_bootstrap)
    async with pool.acquire() as relay:
        await relay.execute("SELECT pg_advisory_lock($1)", RELAY_LEADER)
        await recover_log(settings, "offer", messages, {}, [])
        assert orjson.loads(capfdbinary.readouterr().out.splitlines()[-1])["relay_leads"]

        await send(parts.kafka_bootstrap, replace(received_stock(uuid4(), 1), topic=topic))
        with pytest.raises(SystemExit) as ended:
            await recover_log(settings, "offer", messages, {}, [])
        assert ended.value.code == 1
        assert "missing" in orjson.loads(capfdbinary.readouterr().out.splitlines()[-1])["error"]


async def new_topic(parts: Parts) -> str:
    """Of one partition, that no other test writes to."""
    topic = f"recovery-{uuid4()}"
    admin = AIOKafkaAdminClient(bootstrap_servers=parts.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    return topic
