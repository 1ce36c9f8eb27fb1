"""Numbers of invoices have no gap and ascend with the log, with many writers and failed transactions, on a
real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from billing.invoices.identity import period_invoice_id
from checkout_saga.app import MIGRATIONS
from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.domain.sold import Price, Sold
from checkout_saga.subscriptions.use_cases.document_numbers import next_invoice_number, note_number
from contracts.billed import BilledPeriod
from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.context import Context
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from tests.integration.kernel.shelf import DEMO, RIVAL
from tests.support.database import Pool, execute, migrated_database, service_pool
from tests.support.parts import Parts

WRITERS = 64
NUMBERS = "SELECT body FROM log WHERE tenant = $1 AND type = 'invoice.issued' ORDER BY position"
LAST = "SELECT last FROM document_numbers WHERE tenant = $1 AND series = 'INV'"


@pytest.fixture(scope="module")
async def database(parts: Parts) -> Database:
    return await migrated_database(f"numbers_{uuid4().hex}", parts.postgres_superuser_url, MIGRATIONS)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    async with service_pool(database) as pool:
        yield pool


@pytest.fixture
def context() -> Context:
    """Of a tenant of its own."""
    return replace(DEMO, tenant=f"t{uuid4().hex}")


async def decide(work: PgUnitOfWork, subscription_id: UUID) -> UUID:
    invoice_id = period_invoice_id(subscription_id, 1)
    sold = Sold(uuid4(), "a", "ana", str(uuid4()), Price("EUR", 1, 1000, 0, 0, 1000))
    period = BilledPeriod(number=1, starts_at=work.now, ends_at=work.now + timedelta(days=30))
    invoice = await work.open(Invoice, invoice_id)
    invoice.issue_for_order(next_invoice_number(work), subscription_id, uuid4(), period, sold)
    return invoice_id


async def issue(store: EventStore, context: Context, subscription_id: UUID | None = None) -> UUID:
    return await store.run(context, lambda work: decide(work, subscription_id or uuid4()))


async def numbers(pool: Pool, context: Context) -> list[int]:
    """In the order of the log."""
    rows = await pool.fetch(NUMBERS, context.tenant)
    shown = [str(json.loads(row["body"])["number"]) for row in rows]
    assert all(it.startswith("INV-20") and len(it) == len("INV-2026-000001") for it in shown)
    return [int(it.rpartition("-")[2]) for it in shown]


async def test_of_64_writers_in_two_processes_each_draws_the_next_number(
    database: Database, pool: Pool, context: Context
) -> None:
    async with service_pool(database) as other:
        stores = EventStore(pool, MESSAGES), EventStore(other, MESSAGES)
        await asyncio.gather(*(issue(stores[it % 2], context) for it in range(WRITERS)))
        await issue(stores[0], RIVAL)

    assert await numbers(pool, context) == list(range(1, WRITERS + 1))
    assert await numbers(pool, RIVAL) == [1]
    assert await pool.fetchval(LAST, context.tenant) == WRITERS


async def test_what_is_shown_after_the_commit_is_the_number_and_no_placeholder(
    pool: Pool, context: Context
) -> None:
    store = EventStore(pool, MESSAGES)
    invoice_id = await issue(store, context)
    found = await store.run(context, lambda work: work.open(Invoice, invoice_id))
    assert found.issued
    assert found.issued.number.endswith("-000001")


async def test_one_that_is_issued_already_draws_none(pool: Pool, context: Context) -> None:
    store, subscription_id = EventStore(pool, MESSAGES), uuid4()
    assert await issue(store, context, subscription_id) == await issue(store, context, subscription_id)
    await asyncio.gather(*(issue(store, context, subscription_id) for _ in range(8)))
    await issue(store, context)
    assert await numbers(pool, context) == [1, 2]


async def test_of_writers_of_one_invoice_at_once_one_draws_a_number(pool: Pool, context: Context) -> None:
    """The others conflict, and the batch is stored without them."""
    store, subscription_id = EventStore(pool, MESSAGES), uuid4()
    wanted = [subscription_id, uuid4(), subscription_id, uuid4(), subscription_id]
    await asyncio.gather(*(issue(store, context, it) for it in wanted))
    assert await numbers(pool, context) == [1, 2, 3]
    assert await pool.fetchval(LAST, context.tenant) == 3


async def test_a_transaction_that_fails_after_the_draw_uses_no_number(
    database: Database, pool: Pool, context: Context
) -> None:
    store = EventStore(pool, MESSAGES)
    await issue(store, context)

    async def fail(work: PgUnitOfWork) -> None:
        await decide(work, uuid4())
        work.execute("SELECT 1 / 0")  # a statement runs behind the facts

    for _ in range(3):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await store.run(context, fail)
    await issue(store, context)
    assert await numbers(pool, context) == [1, 2]


async def test_a_writer_whose_connection_is_killed_after_the_draw_uses_no_number(
    database: Database, pool: Pool, context: Context
) -> None:
    store = EventStore(pool, MESSAGES)

    async def killed(work: PgUnitOfWork) -> None:
        await decide(work, uuid4())
        work.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await store.run(context, killed)
    await issue(store, context)
    assert await numbers(pool, context) == [1]


async def test_a_batch_that_rolls_back_and_is_repeated_goes_on_after_the_last_number(
    database: Database, pool: Pool, context: Context
) -> None:
    """Example I6: the last number is 41; a batch of three rolls back and is repeated."""
    store = EventStore(pool, MESSAGES)
    year = (await store.now()).year
    await execute(
        database.owner_url,
        "INSERT INTO document_numbers (tenant, series, year, last) VALUES ($1, 'INV', $2, 41)",
        context.tenant,
        year,
    )

    async def batch(*, fails: bool) -> None:
        async with store.transaction() as transaction:
            work = store.begin_within(transaction.connection, transaction.now)
            work.switch_context(context)
            for _ in range(3):
                await decide(work, uuid4())
            await store.flush(work, transaction.connection)
            transaction.units_of_work.append(work)
            if fails:
                raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await batch(fails=True)
    await batch(fails=False)
    assert await numbers(pool, context) == [42, 43, 44]


async def test_a_recovered_number_is_not_drawn_again(pool: Pool, context: Context) -> None:
    store = EventStore(pool, MESSAGES)
    year = (await store.now()).year

    async def recover(work: PgUnitOfWork) -> None:
        for number in (7, 6):
            note_number(f"INV-{year}-{number:06}", work)

    await store.run(context, recover)
    await issue(store, context)
    assert await numbers(pool, context) == [8]


async def test_a_text_that_looks_like_a_placeholder_stays_as_it_is(pool: Pool, context: Context) -> None:
    text = f"number-to-draw:{uuid4().hex}"
    store = EventStore(pool, MESSAGES)

    async def act(work: PgUnitOfWork) -> None:
        period = BilledPeriod(number=1, starts_at=work.now, ends_at=work.now + timedelta(days=30))
        sold = Sold(uuid4(), text, "ana", str(uuid4()), Price("EUR", 1, 1000, 0, 0, 1000))
        invoice = await work.open(Invoice, uuid4())
        invoice.issue_for_order(next_invoice_number(work), uuid4(), uuid4(), period, sold)

    await store.run(context, act)
    (row,) = await pool.fetch(NUMBERS, context.tenant)
    body = json.loads(row["body"])
    assert body["lines"][0]["line_id"] == text
    assert body["number"].endswith("-000001")
