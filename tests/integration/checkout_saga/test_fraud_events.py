"""What the fraud rules count, on a real PostgreSQL: exact at the edges, and one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from checkout_saga.app import MIGRATIONS
from checkout_saga.checkout import tampering
from checkout_saga.checkout.tampering import MOST
from checkout_saga.fraud import fraud_events
from checkout_saga.fraud.domain.decision import Decision, decide
from checkout_saga.fraud.domain.rules import DEFAULTS
from checkout_saga.fraud.domain.signals import ADDRESS, BAD_CODE, TAMPERING
from checkout_saga.fraud.fraud_events import OLD_EVENTS, Noted
from checkout_saga.fraud.use_cases.noting import NOTE
from contracts.cart import RefusedRequest
from devstack.databases import Database
from kernel.observability.health import Heartbeats
from kernel.postgres.retention import Retention
from tests.support.database import Pool, migrated_database, service_pool
from tests.support.parts import Parts

BEGAN = datetime(2026, 3, 2, 14, tzinfo=UTC)
ANA, CARD = UUID(int=1), UUID(int=2)
BY_ID = {it.id: it for it in DEFAULTS}


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await migrated_database(f"fraud_{uuid4().hex}", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        await pool.execute("DELETE FROM fraud_events")
        yield pool


async def attempt(
    pool: Pool,
    noted: Noted,
    rules: Sequence[str],
    seconds: float = 0,
) -> Decision:
    """Screen an attempt at this time after ``BEGAN``."""
    async with pool.acquire() as connection, connection.transaction():
        now = BEGAN + timedelta(seconds=seconds)
        await fraud_events.note_attempt(connection, noted, now)
        asked = [BY_ID[it] for it in rules]
        return decide(asked, await fraud_events.count(connection, noted, asked, now))


def by(tenant: str = "demo", instrument: UUID = CARD) -> Noted:
    return Noted(tenant, uuid4(), {"customer": ANA, "instrument": instrument})


async def decline(pool: Pool, noted: Noted, seconds: float) -> None:
    await pool.execute(NOTE, noted.tenant, noted.subject, "decline", BEGAN + timedelta(seconds=seconds))


async def test_x31_a_decline_counts_for_less_than_its_window_has_seconds(pool: Pool) -> None:
    for seconds in (0, 200, 400):
        declined = by()
        await attempt(pool, declined, ())
        await decline(pool, declined, seconds)
    rule = "01-instrument-declines"
    just_within = await attempt(pool, by(), [rule], 599.999)
    assert (just_within.decision, just_within.rules[0].count) == ("deny", 3)
    assert (await attempt(pool, by(), [rule], 600)).decision == "allow"


async def test_x32_the_sixth_attempt_is_reviewed_and_the_eleventh_denied(pool: Pool) -> None:
    rules = ["03-customer-attempts-deny", "04-customer-attempts-review"]
    decisions = [await attempt(pool, by(), rules, 30 * it) for it in range(12)]
    assert [it.decision for it in decisions] == ["allow"] * 5 + ["review"] * 5 + ["deny"] * 2
    assert decisions[5].rules[0].count == 5
    assert decisions[10].rules[0].count == 10
    later = await attempt(pool, by(), rules, 610)
    assert later.rules[0].count == 11


async def test_of_attempts_at_the_same_moment_exactly_one_is_the_first(pool: Pool) -> None:
    """Those of several values wait for one another in one order, whatever order they are named in."""

    async def one(number: int) -> int:
        values = [("customer", ANA), ("instrument", CARD), ("address", UUID(int=3))]
        noted = Noted("demo", uuid4(), dict(values if number % 2 else reversed(values)))
        rule = BY_ID["04-customer-attempts-review"].model_copy(update={"threshold": 1})
        async with pool.acquire() as connection, connection.transaction():
            now = await fraud_events.lock(connection, noted)
            await fraud_events.note_attempt(connection, noted, now)
            return (await fraud_events.count(connection, noted, [rule], now)).get(rule.id, 0)

    counted = await asyncio.gather(*(one(it) for it in range(20)))
    assert sorted(counted) == list(range(20))


async def test_a_repeated_attempt_is_one_and_does_not_count_itself(pool: Pool) -> None:
    noted = by()
    for _ in range(3):
        assert (await attempt(pool, noted, ["04-customer-attempts-review"], 1)).decision == "allow"
    assert await pool.fetchval("SELECT count(*) FROM fraud_events") == 2


async def test_different_instruments_of_a_customer_are_counted_once_each(pool: Pool) -> None:
    rule = ["05-many-instruments"]
    for card in (10, 11, 12, 13, 10):
        decision = await attempt(pool, by(instrument=UUID(int=card)), rule, 1)
    assert decision.decision == "deny"
    assert decision.rules[0].count == 4


async def test_a_tenant_counts_its_own_alone(pool: Pool) -> None:
    for _ in range(5):
        await attempt(pool, by("rival"), (), 1)
    assert (await attempt(pool, by("demo"), ["04-customer-attempts-review"], 2)).decision == "allow"


async def test_a_mismatched_address_counts_with_the_attempt_at_hand(pool: Pool) -> None:
    rule = BY_ID["04-customer-attempts-review"].model_copy(
        update={"signal": "email_mismatch", "threshold": 1}
    )
    noted = Noted("demo", uuid4(), {"customer": ANA}, email_mismatch=True)
    async with pool.acquire() as connection, connection.transaction():
        await fraud_events.note_attempt(connection, noted, BEGAN)
        assert await fraud_events.count(connection, noted, [rule], BEGAN) == {rule.id: 1}


async def test_what_became_of_a_payment_that_was_not_screened_is_not_noted(pool: Pool) -> None:
    await decline(pool, by(), 0)
    assert await pool.fetchval("SELECT count(*) FROM fraud_events") == 0


async def test_events_are_deleted_after_two_days(pool: Pool) -> None:
    now = await pool.fetchval("SELECT feira_now()")
    async with pool.acquire() as connection:
        await fraud_events.note_attempt(connection, by(), now - timedelta(hours=47))
        await fraud_events.note_attempt(connection, by(), now - timedelta(hours=49))
    await Retention(pool, [OLD_EVENTS], 1, Heartbeats()).round()
    assert await pool.fetchval("SELECT count(DISTINCT subject) FROM fraud_events") == 1


async def test_after_a_flood_of_tampered_requests_the_next_one_is_counted_all_the_same(pool: Pool) -> None:
    address = UUID(int=3)
    flood = """
        INSERT INTO fraud_events (tenant, subject, signal, dimension, value, at)
        SELECT 'demo', gen_random_uuid(), $1, $2, $3, feira_now() - it * interval '2 minutes'
        FROM generate_series(1, $4::integer) AS it
    """
    await pool.execute(flood, TAMPERING, ADDRESS, address, MOST + 10)
    for _ in range(2):
        await pool.execute(tampering.NOTE, "demo", uuid4(), TAMPERING, ADDRESS, address, MOST - 1)
    last = "SELECT count(*) FROM fraud_events WHERE at > feira_now() - interval '1 minute'"
    assert await pool.fetchval("SELECT count(*) FROM fraud_events") == MOST
    assert await pool.fetchval(last) == 2


def refused(count: int) -> list[RefusedRequest]:
    return [RefusedRequest(request_id=uuid4(), signal=BAD_CODE, at=BEGAN) for _ in range(count)]


async def test_refused_requests_count_for_the_address_alone_and_each_of_them_once(pool: Pool) -> None:
    rule = BY_ID["08-guessing"].model_copy(update={"threshold": 1})
    reported = refused(3)

    async def counted(noted: Noted, report: Sequence[RefusedRequest], seconds: float = 1) -> int:
        async with pool.acquire() as connection, connection.transaction():
            await fraud_events.note_refused(connection, noted, report)
            now = BEGAN + timedelta(seconds=seconds)
            return (await fraud_events.count(connection, noted, [rule], now)).get(rule.id, 0)

    there = {"customer": ANA, "address": UUID(int=3)}
    assert await counted(Noted("demo", uuid4(), there), reported[:2]) == 2
    assert await counted(Noted("demo", uuid4(), there), reported) == 3
    assert await counted(Noted("demo", uuid4(), {**there, "address": UUID(int=4)}), ()) == 0
    assert await counted(Noted("rival", uuid4(), there), ()) == 0
    assert await counted(Noted("demo", uuid4(), {"customer": ANA}), reported) == 0
    assert await counted(Noted("demo", uuid4(), there), (), 599.999) == 3
    assert await counted(Noted("demo", uuid4(), there), (), 600) == 0
    assert await pool.fetchval("SELECT count(DISTINCT dimension) FROM fraud_events") == 1
