"""Members join and leave, brokers lose their data: each effect happens exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from uuid import UUID, uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from tests.integration.kernel.messaging.group import Group
from tests.integration.kernel.shelf import put_on_shelf
from tests.support.database import Pool, service_pool
from tests.support.kafka_records import Tap, headers_of, received_stock, send, tapped
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until


async def test_each_effect_happens_once_while_members_join_and_leave(
    group: Group, database: Database
) -> None:
    shelves = [uuid4() for _ in range(24)]
    rounds = 40
    joined = asyncio.Event()

    async def flow() -> None:
        for version in range(1, rounds + 1):
            await send(group.bootstrap, *(received_stock(it, version) for it in shelves))
            if version == rounds // 2:
                await joined.wait()

    async def has_worked(member: str) -> bool:
        return bool(
            await group.store.pool.fetchval("SELECT count(*) > 0 FROM effects WHERE member = $1", member)
        )

    async with service_pool(database) as other, running(group.consumer(group.recorder(member="first")).run()):
        flowing = asyncio.create_task(flow())
        await until(lambda: has_worked("first"))
        second = group.consumer(group.recorder(member="second"), store=EventStore(other, MESSAGES))
        async with running(second.run()):
            await until(lambda: _has_joined(second))
            joined.set()
            await until(lambda: has_worked("second"), limit=30)
        await flowing
        await group.has_done(len(shelves) * rounds)

    effects = await group.effects()
    assert Counter(effects) == Counter((it, version) for it in shelves for version in range(1, rounds + 1))
    for shelf in shelves:
        assert [version for it, version in effects if it == shelf] == list(range(1, rounds + 1))
    assert await group.parked() == []


async def test_a_member_that_joins_before_the_topics_exist_begins_soon_after_their_creation(
    group: Group, parts: Parts
) -> None:
    topic, heartbeats = f"late-{uuid4()}", Heartbeats()
    consumer = Consumer(
        group.name, [topic], [group.recorder()], group.store, KafkaConnection(group.bootstrap), heartbeats
    )
    async with running(consumer.run()):
        await until(lambda: not heartbeats.waiting())
        await make(topic, parts.kafka_bootstrap)
        await send(group.bootstrap, replace(received_stock(uuid4(), 1), topic=topic))

        async def has_been_read() -> bool:
            return any(offset == 1 for (it, _), offset in (await group.offsets()).items() if it == topic)

        await until(has_been_read)


async def make(topic: str, bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 6, 1)])
    finally:
        await admin.close()


def _has_joined(consumer: object) -> bool:
    offsets = consumer._offsets._offsets  # type: ignore[attr-defined]  # nothing public shows it
    return bool(offsets)


async def test_a_member_whose_offset_was_moved_by_another_is_fenced(group: Group, pool: Pool) -> None:
    shelf = uuid4()
    before = await group.offsets()
    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_done(1)
        [(topic, part)] = [it for it, offset in (await group.offsets()).items() if offset != before[it]]

        await handle_one_as_another_member(group, topic, part, shelf)
        await send(group.bootstrap, received_stock(shelf, 2), received_stock(shelf, 3))
        await until(lambda: is_done(group, shelf, 3))

    assert await group.effects() == [(shelf, 1), (shelf, 3)]
    assert await group.parked() == []


async def handle_one_as_another_member(group: Group, topic: str, part: int, shelf: UUID) -> None:
    async with group.store.pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE consumer_offset SET next_offset = next_offset + 1"
            " WHERE grp = $1 AND topic = $2 AND part = $3",
            group.name,
            topic,
            part,
        )
        await connection.execute(
            "UPDATE consumer_seen SET version = version + 1 WHERE grp = $1 AND stream_id = $2",
            group.name,
            shelf,
        )


async def is_done(group: Group, shelf: UUID, version: int) -> bool:
    return (shelf, version) in await group.effects()


async def test_a_new_generation_is_read_from_the_beginning_and_repeats_are_dropped(
    group: Group,
) -> None:
    known, missed = uuid4(), uuid4()
    # the broker lost it, and it has come again where the group had been before
    await send(group.bootstrap, *(received_stock(missed, it, generation=2) for it in (1, 2)))
    await group.seek_to_end("offer.events")
    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, *(received_stock(known, it) for it in (1, 2)))
        await until(lambda: is_done(group, known, 2))
        assert not await is_done(group, missed, 1)

        again = [received_stock(it, version, generation=2) for it in (known, missed) for version in (1, 2, 3)]
        await send(group.bootstrap, *again)
        await until(lambda: is_done(group, known, 3))
        await until(lambda: is_done(group, missed, 3))

    done = Counter(it for it in await group.effects() if it[0] in (known, missed))
    assert done == Counter((it, version) for it in (known, missed) for version in (1, 2, 3))


async def test_an_emptied_broker_gets_the_whole_log_again_and_consumers_handle_only_new_records(
    parts: Parts, group: Group, database: Database, store: EventStore
) -> None:
    shelf = uuid4()
    relay = Relay("offer", database.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats())
    async with running(relay.run(), group.consumer(group.recorder()).run()):
        for _ in range(3):
            await put_on_shelf(store, shelf, 1)
        await group.has_done(3)

        await parts.kill_kafka()
        for _ in range(2):
            await put_on_shelf(store, shelf, 1)
        await parts.start_kafka(empty=True)
        await until(lambda: is_done(group, shelf, 5), limit=90)
        await until(lambda: _has_raised_its_generation(store.pool), limit=90)

        async with tapped(parts.kafka_bootstrap, "offer.events", from_beginning=True) as tap:
            await until(
                lambda: bool(versions_sent_again(tap)) and versions_sent_again(tap)[-1] == 5, limit=90
            )

    assert versions_sent_again(tap) == [1, 2, 3, 4, 5]
    assert await group.effects() == [(shelf, version) for version in range(1, 6)]
    assert await group.parked() == []


def versions_sent_again(tap: Tap) -> list[int]:
    """The versions that were published after the relay had restarted from the beginning."""
    headers = [headers_of(it) for it in tap.records]
    return [int(it["ce_version"]) for it in headers if it["feira_generation"] == "2"]


async def _has_raised_its_generation(pool: Pool) -> bool:
    return bool(await pool.fetchval("SELECT generation = 2 FROM relay_cursor"))


async def test_a_consumer_recognises_a_new_broker_by_its_cluster_id_even_if_the_ends_agree(
    group: Group, pool: Pool
) -> None:
    """The new broker's topics may have the old one's length, with other records."""
    shelf = uuid4()
    await send(group.bootstrap, received_stock(shelf, 1))
    await group.seek_to_end("offer.events")
    await pool.execute("UPDATE consumer_offset SET cluster_id = 'another broker' WHERE grp = $1", group.name)

    async with running(group.consumer(group.recorder()).run()):
        await until(lambda: is_done(group, shelf, 1))
