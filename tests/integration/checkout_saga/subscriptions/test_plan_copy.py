"""The copy of plans follows their facts, however they come in batches, and shows each tenant its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from checkout_saga.app import MIGRATIONS
from checkout_saga.subscriptions.domain.plan import Plan
from checkout_saga.subscriptions.use_cases.plan_copy import find_plan
from contracts import plan
from contracts.envelope import Fact
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.store.event_store import EventStore
from tests.integration.cart.messages import stamp
from tests.integration.checkout_saga.subscriptions.plan_facts import keep_copy
from tests.integration.kernel.shelf import DEMO, RIVAL
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts
from tests.unit.checkout_saga.subscriptions.plans import terms

FIRST, RENAMED, DEARER = terms(), terms(usage_grace_hours=2), terms(trial_days=14)


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await migrated_database(f"plans_{uuid4().hex}", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


async def found(pool: Pool, plan_id: str, tenant: str = "demo") -> Plan | None:
    context = replace(DEMO, tenant=tenant)
    return await EventStore(pool, MESSAGES).run(context, lambda work: find_plan(plan_id, work))


def history(plan_id: UUID) -> Sequence[Fact]:
    return (
        plan.Created(**stamp(plan_id, 1), terms=FIRST, terms_version=1),
        plan.Changed(**stamp(plan_id, 2), terms=RENAMED, terms_version=1),
        plan.Changed(**stamp(plan_id, 3), terms=DEARER, terms_version=2),
    )


@pytest.mark.parametrize("size", [1, 3], ids=["one by one", "at once"])
async def test_the_newest_terms_are_found(pool: Pool, size: int) -> None:
    plan_id = uuid4()
    facts = history(plan_id)
    for first in range(0, len(facts), size):
        await keep_copy(pool, *facts[first : first + size])
    assert await found(pool, str(plan_id)) == Plan(plan_id, DEARER, 2, archived=False)
    rows = await pool.fetch("SELECT terms_version, version FROM plan_copy WHERE plan_id = $1", plan_id)
    assert sorted(map(tuple, rows)) == [(1, 2), (2, 3)]


async def test_what_comes_again_changes_nothing(pool: Pool) -> None:
    plan_id = uuid4()
    facts = history(plan_id)
    await keep_copy(pool, *facts)
    for it in facts:
        await keep_copy(pool, it)
    assert await found(pool, str(plan_id)) == Plan(plan_id, DEARER, 2, archived=False)


async def test_an_archived_plan_stays_archived_with_later_terms(pool: Pool) -> None:
    plan_id = uuid4()
    first, *later = history(plan_id)
    await keep_copy(pool, first, plan.Archived(**stamp(plan_id, 2)))
    archived = await found(pool, str(plan_id))
    assert archived and archived.archived
    await keep_copy(pool, *later)
    archived = await found(pool, str(plan_id))
    assert archived and (archived.terms_version, archived.archived) == (2, True)


async def test_a_tenant_sees_no_other_tenant_s_plan_and_no_other_name_is_one(pool: Pool) -> None:
    plan_id = uuid4()
    await keep_copy(pool, *history(plan_id))
    assert await found(pool, str(plan_id), RIVAL.tenant) is None
    assert await found(pool, str(uuid4())) is None
    assert await found(pool, "gold") is None
