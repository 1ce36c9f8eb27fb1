"""A stack uses a PostgreSQL and a Kafka that are run by others, and leaves them running."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg

from devstack.topics import answers
from kernel.messaging.connection import KafkaConnection
from tests.support.parts import running_parts
from tests.support.stack import MINIMAL_STACK, running_stack


async def test_a_role_that_may_create_databases_is_enough(tmp_path: Path) -> None:
    async with running_parts(tmp_path / "theirs", topics=False) as parts:
        connection = await asyncpg.connect(parts.postgres_superuser_url)
        await connection.execute("CREATE ROLE platform LOGIN CREATEDB CREATEROLE PASSWORD 'theirs'")
        url = "postgresql://platform:theirs@" + parts.postgres_superuser_url.rpartition("@")[2]
        settings = {"FEIRA_POSTGRES": url, "FEIRA_KAFKA": parts.kafka_bootstrap}

        def run() -> dict[str, Any]:
            with running_stack(tmp_path / "ours", settings, MINIMAL_STACK) as stack:
                return stack.status()

        for _ in ("first", "again"):
            status = await asyncio.to_thread(run)
            assert [it["name"] for it in status["processes"]] == ["cart", "gateway"]
            shown = url.replace(":theirs@", "@")
            assert (status["postgres"], status["kafka"]) == (shown, parts.kafka_bootstrap)
        assert await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE 'feira_%'") == 2
        assert await answers(KafkaConnection(parts.kafka_bootstrap))
        await connection.close()
