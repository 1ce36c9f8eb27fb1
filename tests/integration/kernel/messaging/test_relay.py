"""The log is published to Kafka unchanged and in order, by one relay at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from devstack import ports
from devstack.databases import Database
from kernel.instants import text_of
from kernel.messaging import relay as relay_module
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.relay import Relay
from kernel.messaging.throttle import Throttle
from kernel.observability.health import Heartbeats
from kernel.postgres.advisory_locks import RELAY_LEADER
from kernel.store.changes import LOG_COLUMNS, LogRow
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import DEMO, RIVAL, Shelf, put_on_shelf, unlock
from tests.proofs.chaos.proxy import Harm, Proxy
from tests.support.database import Pool
from tests.support.kafka_records import Tap, headers_of, tapped
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until


@pytest.fixture
def relay(parts: Parts, database: Database) -> Relay:
    return another_relay(parts, database)


def another_relay(parts: Parts, database: Database) -> Relay:
    return Relay("offer", database.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats())


@asynccontextmanager
async def proxied_database(database: Database) -> AsyncIterator[tuple[Proxy, Database]]:
    """The database behind a proxy that can fail."""
    url = urlsplit(database.service_url)
    proxy = Proxy(ports.free(), url.port or 0)
    netloc = f"{url.netloc.rpartition(':')[0]}:{proxy.port}"
    async with await proxy.open():
        yield proxy, replace(database, service_url=url._replace(netloc=netloc).geturl())
        proxy.reset_all()


async def published(tap: Tap, pool: Pool) -> None:
    """Wait until the whole log is published."""
    logged = {str(row[0]) for row in await pool.fetch("SELECT message_id FROM log")}
    await until(lambda: logged <= set(tap.ids()), limit=30)


async def test_facts_and_commands_are_published_byte_for_byte_with_their_envelope(
    parts: Parts, store: EventStore, relay: Relay
) -> None:
    shelf, cart_id = uuid4(), uuid4()
    dated = replace(
        DEMO,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        occurred_at=datetime(1997, 1, 12, tzinfo=UTC),
    )
    session = await store.begin(dated)
    (await session.open(Shelf, shelf)).receive(3)
    session.send(unlock(cart_id), cart_id)
    await store.commit(session)
    await put_on_shelf(store, uuid4(), 1, RIVAL)

    async with tapped(parts.kafka_bootstrap, "offer.events", "cart.commands") as tap, running(relay.run()):
        await published(tap, store.pool)

    rows = {str(row["message_id"]): row for row in await store.pool.fetch("SELECT * FROM log")}
    for record in tap.records:
        headers = headers_of(record)
        row = rows.pop(headers["ce_id"])
        assert record.value == row["body"]
        assert record.key == str(row["key"]).encode()
        assert record.topic == row["topic"]
        expected = {
            "ce_specversion": "1.0",
            "ce_id": str(row["message_id"]),
            "ce_source": "/feira/offer",
            "ce_type": row["type"],
            "ce_subject": str(row["key"]),
            "ce_time": text_of(row["occurred_at"] or row["recorded_at"]),
            "ce_dataschema": f"urn:feira:{row['type']}:1",
            "content-type": "application/json",
            "ce_recordedtime": text_of(row["recorded_at"]),
            "ce_tenant": row["tenant"],
            "ce_correlationid": row["correlation_id"],
            "ce_causationid": row["causation_id"],
            "feira_generation": "1",
        }
        if row["kind"] == "fact":
            expected["ce_version"] = "1"
        if row["tenant"] == "demo":
            expected["traceparent"] = dated.traceparent or ""
            assert headers["ce_time"] == "1997-01-12T00:00:00.000000Z"
        assert headers == expected
    assert rows == {}


async def test_the_facts_of_each_key_are_published_in_the_order_of_their_versions(
    parts: Parts, store: EventStore, relay: Relay
) -> None:
    shelves = [uuid4() for _ in range(5)]

    async with tapped(parts.kafka_bootstrap, "offer.events") as tap, running(relay.run()):
        await asyncio.gather(*(put_on_shelf(store, it, 1) for it in shelves * 8))
        await published(tap, store.pool)

    for shelf in shelves:
        assert tap.versions(shelf) == list(range(1, 9))


async def test_a_page_larger_than_a_batch_is_published_completely_and_in_order(
    parts: Parts, store: EventStore, relay: Relay
) -> None:
    key = uuid4()
    lengths = [20_000] * 30 + [900_000] + [20_000] * 30
    rows = [_row(key, version, b" " * length) for version, length in enumerate(lengths, start=1)]
    await store.pool.copy_records_to_table("log", records=rows, columns=LOG_COLUMNS)

    async with tapped(parts.kafka_bootstrap, "offer.events") as tap, running(relay.run()):
        await published(tap, store.pool)

    assert tap.versions(key) == list(range(1, 62))
    assert [len(it.value or b"") for it in tap.of([key])] == lengths


def _row(key: UUID, version: int, body: bytes) -> LogRow:
    now = datetime.now(UTC)
    kind = "stock.received"
    return LogRow(
        key, version, uuid4(), "fact", "demo", "offer.events", key, kind, 1, body, "", "", "", None, now, None
    )


async def test_a_record_is_in_the_partition_of_the_standard_hash_of_its_key(
    parts: Parts, store: EventStore, relay: Relay
) -> None:
    shelves = [uuid4() for _ in range(40)]
    async with tapped(parts.kafka_bootstrap, "offer.events") as tap, running(relay.run()):
        await asyncio.gather(*(put_on_shelf(store, it, 1) for it in shelves))
        await published(tap, store.pool)

    where = {it.key: it.partition for it in tap.of(shelves)}
    assert len(where) == 40
    async with AIOKafkaProducer(bootstrap_servers=parts.kafka_bootstrap) as client:
        for key, partition in where.items():
            assert (await client.send_and_wait("offer.events", b"{}", key=key)).partition == partition


async def test_a_relay_pauses_after_a_page_and_never_before_it(
    parts: Parts, store: EventStore, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single record is sent at once, however long the page before it took."""
    resting, rested = asyncio.Event(), asyncio.Event()

    async def keep(_: Throttle) -> None:
        resting.set()
        await rested.wait()

    monkeypatch.setattr(Throttle, "wait", keep)
    shelf = uuid4()
    async with tapped(parts.kafka_bootstrap, "offer.events") as tap, running(relay.run()):
        await put_on_shelf(store, shelf, 1)
        await published(tap, store.pool)
        await asyncio.wait_for(resting.wait(), 10)
        rested.set()
        await put_on_shelf(store, shelf, 1)
        await published(tap, store.pool)

    assert tap.versions(shelf) == [1, 2]


async def test_a_relay_that_is_stopped_repeatedly_may_repeat_records_and_skips_none(
    parts: Parts, database: Database, store: EventStore
) -> None:
    shelves = [uuid4() for _ in range(4)]
    async with tapped(parts.kafka_bootstrap, "offer.events") as tap:
        writing = asyncio.create_task(_write_on(store, shelves, rounds=40))
        while not writing.done():
            so_far = len(tap.records)
            async with running(another_relay(parts, database).run()):
                await until(lambda so_far=so_far: len(tap.records) > so_far or writing.done())  # type: ignore[misc]
        async with running(another_relay(parts, database).run()):
            await published(tap, store.pool)

    for shelf in shelves:
        first_seen = list(dict.fromkeys(tap.versions(shelf)))
        assert first_seen == list(range(1, 41))


async def _write_on(store: EventStore, shelves: list[UUID], rounds: int) -> None:
    for _ in range(rounds):
        await asyncio.gather(*(put_on_shelf(store, it, 1) for it in shelves))


async def test_a_relay_with_an_empty_log_survives_a_restart(
    parts: Parts, database: Database, store: EventStore
) -> None:
    async with running(another_relay(parts, database).run()):
        await until(lambda: _has_cluster_id(store.pool))

    async with (
        tapped(parts.kafka_bootstrap, "offer.events") as tap,
        running(another_relay(parts, database).run()),
    ):
        await until(lambda: _has_tried(store.pool, 2))
        await put_on_shelf(store, uuid4(), 1)
        await published(tap, store.pool)


async def _has_cluster_id(pool: Pool) -> bool:
    return bool(await pool.fetchval("SELECT cluster_id IS NOT NULL FROM relay_cursor"))


async def test_a_record_that_was_acknowledged_before_a_crash_is_repeated_as_the_same_message(
    parts: Parts, database: Database, store: EventStore
) -> None:
    shelf = uuid4()
    async with tapped(parts.kafka_bootstrap, "offer.events") as tap:
        async with running(another_relay(parts, database).run()):
            for _ in range(3):
                await put_on_shelf(store, shelf, 1)
            await published(tap, store.pool)
            await until(lambda: _position_is(store.pool, 3))
        await store.pool.execute("UPDATE relay_cursor SET position = 1")

        async with running(another_relay(parts, database).run()):
            await until(lambda: len(tap.of([shelf])) == 5)

    assert tap.versions(shelf) == [1, 2, 3, 2, 3]
    assert len(set(tap.ids())) == 3


async def _position_is(pool: Pool, position: int) -> bool:
    return bool(await pool.fetchval("SELECT position = $1 FROM relay_cursor", position))


async def test_one_relay_of_two_leads_and_the_other_takes_over_after_its_death(
    parts: Parts, database: Database, store: EventStore
) -> None:
    shelf = uuid4()
    async with (
        tapped(parts.kafka_bootstrap, "offer.events") as tap,
        running(*(another_relay(parts, database).run() for _ in range(2))) as relays,
    ):
        for _ in range(5):
            await put_on_shelf(store, shelf, 1)
            await published(tap, store.pool)
        assert tap.versions(shelf) == [1, 2, 3, 4, 5]
        assert await store.pool.fetchval("SELECT epoch FROM relay_cursor") == 1

        # both are tried as the one that dies: one of them led
        relays[0].cancel()
        await put_on_shelf(store, shelf, 1)
        await published(tap, store.pool)
        relays.append(asyncio.create_task(another_relay(parts, database).run()))
        relays[1].cancel()
        await put_on_shelf(store, shelf, 1)
        await published(tap, store.pool)
        relays[2].cancel()

    assert list(dict.fromkeys(tap.versions(shelf))) == list(range(1, 8))
    assert await store.pool.fetchval("SELECT epoch FROM relay_cursor") >= 2


async def test_a_replaced_relay_is_fenced_and_gives_up_the_lead(
    parts: Parts, database: Database, store: EventStore, relay: Relay
) -> None:
    shelf = uuid4()
    successor = await asyncpg.connect(database.service_url)
    async with tapped(parts.kafka_bootstrap, "offer.events") as tap, running(relay.run()):
        await put_on_shelf(store, shelf, 1)
        await until(lambda: _position_is(store.pool, 1))
        leading = asyncio.create_task(successor.execute("SELECT pg_advisory_lock($1)", RELAY_LEADER))
        await store.pool.execute("UPDATE relay_cursor SET epoch = epoch + 1")

        await put_on_shelf(store, shelf, 1)
        await asyncio.wait_for(leading, 10)

        assert await _position_is(store.pool, 1)
        await successor.close()
        await until(lambda: _position_is(store.pool, 2))
        assert list(dict.fromkeys(tap.versions(shelf))) == [1, 2]


@pytest.mark.parametrize("swallow", ["answers", "requests"])
async def test_a_relay_reconnects_after_a_timeout_of_a_silent_database(
    parts: Parts, database: Database, store: EventStore, monkeypatch: pytest.MonkeyPatch, swallow: str
) -> None:
    """A router that forgets a connection sends no reset: both ends would wait for ever."""
    monkeypatch.setattr(relay_module, "DATABASE_TIMEOUT", 1.0)
    shelf = uuid4()
    async with (
        proxied_database(database) as (proxy, through),
        tapped(parts.kafka_bootstrap, "offer.events") as tap,
        running(another_relay(parts, through).run()),
    ):
        await put_on_shelf(store, shelf, 1)
        await published(tap, store.pool)
        proxy.hurt(Harm(swallow=swallow))
        await put_on_shelf(store, shelf, 1)
        await until(lambda: proxy.counts["connections_gone_mute"] > 0)
        proxy.hurt(Harm(), mute_for_good=True)
        await published(tap, store.pool)
    assert list(dict.fromkeys(tap.versions(shelf))) == [1, 2]


async def test_the_lock_of_a_vanished_relay_is_free_within_half_a_minute(
    parts: Parts, database: Database
) -> None:
    async with another_relay(parts, database)._connection() as connection:
        measured = [
            int(await connection.fetchval(f"SHOW tcp_keepalives_{it}"))
            for it in ("idle", "interval", "count")
        ]
    idle, interval, count = measured
    assert 0 < idle + interval * count <= 30


async def test_checking_the_broker_interrupts_no_publishing(
    parts: Parts, store: EventStore, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "BROKER_CHECK_SECONDS", 0.01)
    shelves = [uuid4() for _ in range(12)]
    async with tapped(parts.kafka_bootstrap, "offer.events") as tap, running(relay.run()):
        await _write_on(store, shelves, rounds=60)
        await published(tap, store.pool)

    assert await store.pool.fetchval("SELECT epoch FROM relay_cursor") == 1
    assert len(tap.records) == 12 * 60


async def test_a_relay_waits_for_an_unreachable_broker(parts: Parts, store: EventStore, relay: Relay) -> None:
    shelf = uuid4()
    await parts.kill_kafka()
    try:
        async with running(relay.run()):
            await put_on_shelf(store, shelf, 1)
            await until(lambda: _has_tried(store.pool, 2))
            await parts.start_kafka()
            await until(lambda: _position_is(store.pool, 1), limit=90)
    finally:
        if parts.kafka.state != "ready":
            await parts.start_kafka()
    async with tapped(parts.kafka_bootstrap, "offer.events", from_beginning=True) as tap:
        await until(lambda: bool(tap.of([shelf])))


async def _has_tried(pool: Pool, times: int) -> bool:
    return bool(await pool.fetchval("SELECT epoch >= $1 FROM relay_cursor", times))


async def test_a_broker_that_was_killed_with_records_in_flight_gets_all_in_order(
    parts: Parts, store: EventStore, relay: Relay
) -> None:
    shelves = [uuid4() for _ in range(4)]
    async with running(relay.run()):
        await _write_on(store, shelves, rounds=3)
        await until(lambda: _position_is(store.pool, 12))
        writing = asyncio.create_task(_write_on(store, shelves, rounds=60))
        await parts.kill_kafka()
        await writing
        await parts.start_kafka()
        await until(lambda: _position_is(store.pool, 4 * 63), limit=90)

    async with tapped(parts.kafka_bootstrap, "offer.events", from_beginning=True) as tap:
        await published(tap, store.pool)
    for shelf in shelves:
        assert list(dict.fromkeys(tap.versions(shelf))) == list(range(1, 64))


async def test_an_emptied_broker_gets_no_record_before_the_beginning_of_the_log(
    parts: Parts, store: EventStore, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what is held back must not depend on who looks first
    monkeypatch.setattr(relay_module, "BROKER_CHECK_SECONDS", 3600)
    shelf = uuid4()
    async with running(relay.run()):
        await put_on_shelf(store, shelf, 1)
        await until(lambda: _position_is(store.pool, 1))
        writing = asyncio.create_task(_write_on(store, [shelf], rounds=60))
        await parts.kill_kafka()
        await writing
        await parts.start_kafka(empty=True)
        await until(lambda: _position_is(store.pool, 61), limit=60)

    async with tapped(parts.kafka_bootstrap, "offer.events", from_beginning=True) as tap:
        await published(tap, store.pool)
    assert tap.versions(shelf)[0] == 1
    assert list(dict.fromkeys(tap.versions(shelf))) == list(range(1, 62))
