"""A restored log gets back from the service's own topics what it has lost, byte for byte."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts import cart, stock
from contracts.registry import MessageRegistry, TopicMessages, facts_in
from devstack.databases import Database
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.log_guard import LogGuard
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.recovery.derivations import Derivation
from kernel.recovery.log_recovery import (
    LogContradicts,
    LogRecovery,
    Recovered,
    RelayIsLeading,
    Repeat,
    repeat_nothing,
)
from kernel.store.event_store import EventStore
from kernel.store.writing import Connection
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.shelf import DEMO, Shelf, put_on_shelf, unlock
from tests.support.database import Pool, copied, service_pool
from tests.support.kafka_records import received_stock, send, tapped
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until

COLUMNS = """stream_id, version, message_id, kind, tenant, topic, key, type, schema_version, body,
             correlation_id, causation_id, traceparent, recorded_at, occurred_at"""
LOG_ROWS = f"SELECT {COLUMNS} FROM log ORDER BY position"  # noqa: S608  # constants
TOPIC = "cart.events"
"""No other test writes to it: a recovery from its beginning finds the records of these tests alone."""
MESSAGES = MessageRegistry(
    [
        TopicMessages(TOPIC, "/feira/offer", facts_in(stock)),
        TopicMessages("cart.commands", "/feira/offer", (cart.Unlock,)),
    ]
)
"""The toy sends commands itself."""
TIMER, KEY = "count", "shelf"


async def again(shelf: Shelf, work: UnitOfWork) -> None:
    work.claim_key(KEY, f"{shelf.id} of {shelf.version}", shelf.id)
    work.set_timer(TIMER, shelf.id, work.now + timedelta(days=1))


def guard_of(parts: Parts, database: Database, pool: Pool) -> LogGuard:
    common = KafkaConnection(parts.kafka_bootstrap), MESSAGES, pool.fence, Heartbeats()
    return LogGuard("offer", database.service_url, *common, on_reopened=lambda: None, shares_topics=True)


@asynccontextmanager
async def relaying(parts: Parts, database: Database, pool: Pool) -> AsyncIterator[None]:
    relay = Relay(
        "offer",
        database.service_url,
        KafkaConnection(parts.kafka_bootstrap),
        Heartbeats(),
        guard_of(parts, database, pool),
    )
    async with running(relay.run()):
        yield
        await until(lambda: _all_published(pool), limit=30)


async def _all_published(pool: Pool) -> bool:
    return bool(
        await pool.fetchval(
            "SELECT position = (SELECT coalesce(max(position), 0) FROM log) FROM relay_cursor"
        )
    )


def recovery(
    parts: Parts,
    pool: Pool,
    *,
    repeat: Repeat = repeat_nothing,
    from_beginning: bool = False,
    accept_contradictions: bool = False,
) -> LogRecovery:
    return LogRecovery(
        "offer",
        EventStore(pool, MESSAGES),
        KafkaConnection(parts.kafka_bootstrap),
        MESSAGES,
        {stock.Received.TYPE: Derivation(Shelf, again)},
        repeat=repeat,
        from_beginning=from_beginning,
        accept_contradictions=accept_contradictions,
    )


async def recover(
    parts: Parts,
    pool: Pool,
    *,
    dry_run: bool = False,
    from_beginning: bool = False,
    accept_contradictions: bool = False,
) -> Recovered:
    once = recovery(parts, pool, from_beginning=from_beginning, accept_contradictions=accept_contradictions)
    return await once.run(dry_run=dry_run)


class Lost:
    """A database as it was at an earlier moment, and the log that it has lost the end of."""

    def __init__(self, database: Database, pool: Pool, shelves: list[UUID], log: list[Any]) -> None:
        self.database, self.pool, self.shelves, self.log = database, pool, shelves, log


@pytest.fixture
async def lost(parts: Parts, database: Database, pool: Pool) -> AsyncIterator[Lost]:
    """Two facts of each of twelve shelves are there, a third, a command and a new shelf are lost."""
    store = EventStore(pool, MESSAGES)
    shelves = [uuid4() for _ in range(12)]
    async with relaying(parts, database, pool):
        for shelf in shelves * 2:
            await put_on_shelf(store, shelf, 1)
    await pool.execute("INSERT INTO claims SELECT 'demo', $1, 'of 2', stream_id FROM log LIMIT 1", KEY)
    pool.terminate()
    async with copied(database) as earlier, service_pool(earlier) as its_pool:
        async with service_pool(database) as original, relaying(parts, database, original):
            store = EventStore(original, MESSAGES)
            for shelf in [*shelves, uuid4()]:
                await put_on_shelf(store, shelf, 1)
            work = await store.begin(DEMO)
            (await work.open(Shelf, shelves[0])).receive(5)
            work.send(unlock(shelves[1]), shelves[1])
            await store.commit(work)
        async with service_pool(database) as original:
            log = await original.fetch(LOG_ROWS)
        yield Lost(earlier, its_pool, shelves, log)


async def test_what_is_lost_comes_back_as_it_was_and_a_second_run_finds_nothing(
    parts: Parts, lost: Lost
) -> None:
    dry = await recover(parts, lost.pool, dry_run=True)
    assert (dry.facts, dry.commands, dry.derived) == (14, 1, None)
    assert await lost.pool.fetchval("SELECT count(*) FROM log") == 24

    recovered = await recover(parts, lost.pool)

    assert (recovered.facts, recovered.commands, recovered.streams) == (14, 1, 13)
    rows = await lost.pool.fetch(LOG_ROWS)
    assert rows[:24] == lost.log[:24]
    assert sorted(map(tuple, rows)) == sorted(map(tuple, lost.log))
    for shelf in lost.shelves:
        versions = [row["version"] for row in rows if row["stream_id"] == shelf]
        assert versions == list(range(1, len(versions) + 1))
    await guard_of(parts, lost.database, lost.pool).compare()

    again = await recover(parts, lost.pool)
    assert (again.facts, again.commands) == (0, 0)
    assert len(await lost.pool.fetch("SELECT FROM log")) == len(rows)


async def test_keys_and_timers_follow_from_the_recovered_facts(parts: Parts, lost: Lost) -> None:
    await recover(parts, lost.pool)

    keys = await lost.pool.fetch("SELECT value, holder FROM claims WHERE kind = $1", KEY)
    new = [
        row["stream_id"] for row in lost.log if row["stream_id"] not in lost.shelves and row["kind"] == "fact"
    ]
    held = {lost.shelves[0]: 4, **dict.fromkeys(lost.shelves[1:], 3), new[-1]: 1}
    assert {row["value"]: row["holder"] for row in keys} == {f"{it} of {n}": it for it, n in held.items()}
    assert await lost.pool.fetchval("SELECT count(*) FROM timers WHERE kind = $1", TIMER) == 13


async def test_what_a_restore_has_undone_is_done_again_in_the_transaction_of_the_recovery(
    parts: Parts, lost: Lost
) -> None:
    """Also for a log that has lost nothing."""
    old = "INSERT INTO claims VALUES ('demo', 'old', 'undone', $1)"
    shelf = lost.shelves[5]
    await lost.pool.execute(old, shelf)

    async def repeat(connection: Connection) -> list[UUID]:
        return list(
            await connection.fetchval("SELECT array_agg(holder) FROM claims WHERE kind = 'old'") or ()
        )

    async def fail(connection: Connection) -> list[UUID]:
        await connection.execute("DELETE FROM claims")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await recovery(parts, lost.pool, repeat=fail).run()
    assert await lost.pool.fetchval("SELECT count(*) FROM log") == 24
    assert await lost.pool.fetchval("SELECT count(*) FROM claims") == 2

    assert (await recovery(parts, lost.pool, repeat=repeat).run()).repeated == 1
    assert (await recovery(parts, lost.pool, repeat=repeat).run()).repeated == 0

    await lost.pool.execute(old, shelf)
    assert await recovery(parts, lost.pool, repeat=repeat).repeat_alone() == 1
    assert await lost.pool.fetchval("SELECT count(*) FROM claims WHERE kind = 'old'") == 0
    assert await lost.pool.fetchval("SELECT value FROM claims WHERE holder = $1", shelf)


async def test_recovered_messages_are_not_published_again_and_new_ones_are(parts: Parts, lost: Lost) -> None:
    await recover(parts, lost.pool)
    async with (
        tapped(parts.kafka_bootstrap, TOPIC, "cart.commands") as tap,
        relaying(parts, lost.database, lost.pool),
    ):
        await put_on_shelf(EventStore(lost.pool, MESSAGES), lost.shelves[0], 1)
        await until(lambda: bool(tap.versions(lost.shelves[0])))
    assert tap.versions(lost.shelves[0]) == [5]
    assert len(tap.records) == 1


async def test_a_log_that_was_written_to_after_the_restore_is_not_recovered_unasked(
    parts: Parts, lost: Lost
) -> None:
    await put_on_shelf(EventStore(lost.pool, MESSAGES), lost.shelves[3], 9)
    with pytest.raises(LogContradicts) as refused:
        await recover(parts, lost.pool)
    assert len(refused.value.examples) == 1
    assert str(lost.shelves[3]) in refused.value.examples[0]
    assert await lost.pool.fetchval("SELECT count(*) FROM log") == 25

    accepted = await recover(parts, lost.pool, accept_contradictions=True)
    assert (accepted.facts, len(accepted.contradictions)) == (13, 1)
    await guard_of(parts, lost.database, lost.pool).compare()


async def test_a_service_whose_relay_leads_is_not_recovered(parts: Parts, lost: Lost) -> None:
    await recover(parts, lost.pool)
    async with relaying(parts, lost.database, lost.pool):
        await put_on_shelf(EventStore(lost.pool, MESSAGES), lost.shelves[0], 1)
        await until(lambda: _all_published(lost.pool))
        with pytest.raises(RelayIsLeading):
            await recover(parts, lost.pool)


async def test_facts_that_were_not_published_yet_are_published_after_the_recovery(
    parts: Parts, lost: Lost
) -> None:
    """The log's own end need not be in the topics, even where they hold what came later."""
    fresh = uuid4()
    await put_on_shelf(EventStore(lost.pool, MESSAGES), fresh, 1)
    await recover(parts, lost.pool)
    async with (
        tapped(parts.kafka_bootstrap, TOPIC) as tap,
        relaying(parts, lost.database, lost.pool),
    ):
        await until(lambda: tap.versions(fresh) == [1] and len(tap.versions(lost.shelves[0])) > 1)
    assert tap.versions(lost.shelves[0]) == [3, 4]


async def test_a_log_is_published_from_its_beginning_to_a_broker_that_has_lost_it_as_well(
    parts: Parts, lost: Lost
) -> None:
    await lost.pool.execute("UPDATE relay_cursor SET cluster_id = 'of the broker that was lost'")
    await recover(parts, lost.pool)
    assert await lost.pool.fetchval("SELECT generation FROM relay_cursor") == 1
    async with (
        tapped(parts.kafka_bootstrap, TOPIC) as tap,
        relaying(parts, lost.database, lost.pool),
    ):
        await until(lambda: tap.versions(lost.shelves[0])[-1:] == [4])
    assert tap.versions(lost.shelves[0]) == [1, 2, 3, 4]
    assert await lost.pool.fetchval("SELECT generation FROM relay_cursor") == 2


async def test_a_body_that_cannot_be_read_is_refused_with_its_place_and_can_be_passed_over(
    parts: Parts, database: Database, pool: Pool
) -> None:
    readable, shelf, topic = uuid4(), uuid4(), f"recovery-{uuid4()}"
    messages = MessageRegistry([TopicMessages(topic, "/feira/offer", facts_in(stock))])
    kafka = KafkaConnection(parts.kafka_bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=parts.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    good, bad = (
        replace(received_stock(readable, 1), topic=topic),
        replace(received_stock(shelf, 1), topic=topic),
    )
    await send(kafka, good, replace(bad, value=b'{"product_id": "Ada Lovelace"}'))
    # a broker that is new to the cursor
    await pool.execute("UPDATE relay_cursor SET cluster_id = NULL, published = '{}'")

    def recovery(*, accept: bool) -> LogRecovery:
        store = EventStore(pool, messages)
        return LogRecovery("offer", store, kafka, messages, {}, accept_contradictions=accept)

    with pytest.raises(LogContradicts, match="cannot read") as refused:
        await recovery(accept=False).run()
    assert refused.value.examples == [f"{topic}/0 offset 1: stock.received {shelf}"]
    assert await pool.fetchval("SELECT count(*) FROM log") == 0

    recovered = await recovery(accept=True).run()
    assert (recovered.facts, recovered.contradictions) == (1, refused.value.examples)
    guard = LogGuard(
        "offer", database.service_url, kafka, messages, pool.fence, Heartbeats(), on_reopened=lambda: None
    )
    await guard.compare()
