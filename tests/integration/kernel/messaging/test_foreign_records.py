"""Foreign and invalid records do not stop a consumer."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts import cart
from contracts.topic_configuration import configuration_of
from contracts.topology import TOPICS
from kernel.command_routes import CommandRoute
from kernel.messaging import consumer as consumer_module
from kernel.messaging.broker import end_offsets
from kernel.messaging.commands import CommandHandler
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.messaging.group import Group
from tests.integration.kernel.shelf import Shelf
from tests.support.database import Pool
from tests.support.kafka_records import received_stock, send, unlock_cart
from tests.support.raw_batches import send_with_header_name
from tests.support.running import running
from tests.support.waiting import until


async def test_an_undecodable_record_is_skipped_by_its_offset(group: Group) -> None:
    good = [received_stock(uuid4(), 1) for _ in range(24)]
    no_text = b"\xff\xfe is no text"

    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, *good[:12])
        for partition in (0, 0, 3):
            await send_with_header_name(group.bootstrap, partition, no_text, received_stock(uuid4(), 1))
        await send(group.bootstrap, *good[12:])
        await group.has_done(24)
        await group.has_parked(3)

    assert await group.parked() == [("", "undecodable")] * 3
    assert len(await group.effects()) == 24


async def test_compressed_foreign_records_are_read(group: Group) -> None:
    shelf = uuid4()
    sent = received_stock(shelf, 1)

    async with running(group.consumer(group.recorder()).run()):
        async with AIOKafkaProducer(bootstrap_servers=group.bootstrap, compression_type="gzip") as producer:
            await producer.send_and_wait(sent.topic, sent.value, key=sent.key, headers=list(sent.headers))
        await group.has_done(1)

    assert await group.effects() == [(shelf, 1)]


async def test_a_body_of_five_megabytes_is_parked_and_the_next_is_read(group: Group) -> None:
    """On a broker that accepts such records; Feira's default does not."""
    large, shelf = replace(received_stock(uuid4(), 1), value=b" " * 5_000_000), uuid4()
    await allow_records_of(8_000_000, large.topic, group.bootstrap)

    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, large, received_stock(shelf, 1))
        await group.has_done(1)
        await group.has_parked(1)

    assert [reason for _, reason in await group.parked()] == ["malformed"]
    assert await group.effects() == [(shelf, 1)]


async def test_an_invalid_record_starts_no_generation_and_is_parked_once_however_often_it_is_read(
    group: Group,
) -> None:
    shelf = uuid4()
    broken = received_stock(shelf, 2, generation=7).without_header("ce_id")

    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, received_stock(shelf, 1), broken)
        await group.has_parked(1)
        assert await generation_of(group) == 1

        await send(group.bootstrap, received_stock(shelf, 1, generation=2))
        await until(lambda: has_reread(group))

    # others have left their records there, too
    assert [it for it in await group.effects() if it[0] == shelf] == [(shelf, 1)]
    assert [it for it in await group.parked() if it[0] == str(shelf)] == [(str(shelf), "headers")]


async def test_a_late_record_of_an_earlier_generation_causes_no_endless_rereading(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "MAX_RECORDS", 1)
    shelf = uuid4()

    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, received_stock(shelf, 1), received_stock(shelf, 2, generation=2))
        await until(lambda: has_reread(group))

    assert [it for it in await group.effects() if it[0] == shelf] == [(shelf, 1), (shelf, 2)]


async def generation_of(group: Group) -> int:
    query = "SELECT max(generation) FROM consumer_offset WHERE grp = $1"
    return int(await group.store.pool.fetchval(query, group.name))


async def has_reread(group: Group) -> bool:
    offsets = {TopicPartition(*it): offset for it, offset in (await group.offsets()).items()}
    return await generation_of(group) == 2 and offsets == await end_offsets(
        KafkaConnection(group.bootstrap), offsets
    )


async def test_a_command_for_an_aggregate_of_another_tenant_is_parked_and_changes_nothing(
    group: Group, store: EventStore, pool: Pool
) -> None:
    theirs, ours = uuid4(), uuid4()

    async def obey(command: cart.Unlock, work: UnitOfWork) -> None:
        (await work.open(Shelf, command.cart_id)).receive(1)

    handler = CommandHandler(group.name, {cart.Unlock: CommandRoute(handler=obey, preload=lambda _: ())})
    consumer = Consumer(
        group.name, ["cart.commands"], [handler], store, KafkaConnection(group.bootstrap), Heartbeats()
    )
    async with running(consumer.run()):
        await send(group.bootstrap, unlock_cart(theirs))
        await until(lambda: log_has(pool, 1))
        await send(group.bootstrap, unlock_cart(theirs).with_header("ce_tenant", b"rival"), unlock_cart(ours))
        await until(lambda: log_has(pool, 2))
        await group.has_parked(1)

    assert await group.parked() == [(str(theirs), "contested")]
    rows = await pool.fetch("SELECT stream_id, tenant FROM log ORDER BY position")
    assert [tuple(it) for it in rows] == [(theirs, "demo"), (ours, "demo")]


async def log_has(pool: Pool, count: int) -> bool:
    return bool(await pool.fetchval("SELECT count(*) = $1 FROM log", count))


async def allow_records_of(size: int, topic: str, bootstrap: str) -> None:
    (wanted,) = [it for it in TOPICS if it.name == topic]
    settings = {**configuration_of(wanted, copies=1), "max.message.bytes": str(size)}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, settings)])
    await admin.close()
