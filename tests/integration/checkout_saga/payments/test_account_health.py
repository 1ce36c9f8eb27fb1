"""Which credentials the providers take, written together for many answers, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from checkout_saga.app import MIGRATIONS
from checkout_saga.payments.accounts.health import AccountHealth
from devstack.databases import Database
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts

KEEP = "INSERT INTO payment_secrets (tenant, secrets_id, account_id, sealed) VALUES ($1, $2, $2, '')"
UNHEALTHY = "SELECT tenant, secrets_id FROM payment_secrets WHERE unhealthy_since IS NOT NULL"


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await migrated_database(f"health_{uuid4().hex}", parts.postgres_superuser_url, MIGRATIONS)


class CountingPool:
    """Counts the statements that are sent."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self.sent = 0

    async def execute(self, statement: str, *arguments: object) -> None:
        self.sent += 1
        await self._pool.execute(statement, *arguments)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        await pool.execute("DELETE FROM payment_secrets")
        yield pool


async def kept(pool: Pool, tenant: str = "demo") -> UUID:
    secrets_id = uuid4()
    await pool.execute(KEEP, tenant, secrets_id)
    return secrets_id


async def unhealthy(pool: Pool) -> set[tuple[str, UUID]]:
    return {(row["tenant"], row["secrets_id"]) for row in await pool.fetch(UNHEALTHY)}


async def test_an_answer_makes_the_credentials_of_its_tenant_healthy_again_and_no_others(pool: Pool) -> None:
    health, mine, others = AccountHealth(pool), await kept(pool), await kept(pool, "rival")
    await health.mark_unhealthy("demo", mine)
    await health.mark_unhealthy("rival", others)
    await health.mark_healthy("demo", others)
    assert await unhealthy(pool) == {("demo", mine), ("rival", others)}
    await health.mark_healthy("demo", mine)
    assert await unhealthy(pool) == {("rival", others)}


async def test_many_answers_at_once_are_written_by_few_statements(pool: Pool) -> None:
    secrets = [await kept(pool) for _ in range(5)]
    for it in secrets:
        await AccountHealth(pool).mark_unhealthy("demo", it)
    counting = CountingPool(pool)
    health = AccountHealth(counting)  # type: ignore[arg-type]  # all that it uses of a pool

    await asyncio.gather(*(health.mark_healthy("demo", it) for it in secrets * 20))

    assert counting.sent <= 2
    assert await unhealthy(pool) == set()


async def test_a_refusal_counts_for_more_than_an_earlier_answer_that_is_not_written_yet(pool: Pool) -> None:
    health, mine, others = AccountHealth(pool), await kept(pool), await kept(pool)
    for it in (mine, others):
        await health.mark_unhealthy("demo", it)
    answers = [asyncio.create_task(health.mark_healthy("demo", it)) for it in (others, mine)]
    await asyncio.sleep(0)  # the answers have come, and no statement has begun
    await health.mark_unhealthy("demo", mine)
    await asyncio.gather(*answers)
    assert await unhealthy(pool) == {("demo", mine)}


async def test_an_error_of_the_database_reaches_the_answers_and_the_next_one_is_written(pool: Pool) -> None:
    counting = CountingPool(pool)
    health, mine = AccountHealth(counting), await kept(pool)  # type: ignore[arg-type]  # as above
    await health.mark_unhealthy("demo", mine)
    counting._pool = None  # type: ignore[assignment]  # stands for a failing database
    with pytest.raises(AttributeError):
        await health.mark_healthy("demo", mine)
    counting._pool = pool
    await health.mark_healthy("demo", mine)
    assert await unhealthy(pool) == set()
