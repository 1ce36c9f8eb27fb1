"""A broken Kafka client is detected and replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.metadata import MetadataRequest

from devstack.databases import Database
from kernel.messaging import offset_reporting
from kernel.messaging import relay as relay_module
from kernel.messaging.clients import KafkaProducer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from tests.integration.kernel.messaging.group import Group
from tests.integration.kernel.shelf import put_on_shelf
from tests.support.kafka_records import received_stock, send, tapped
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until

PURCHASES_WITHIN = 20.0


class Wire:
    """Fails while a task of the client requests metadata, with uvloop's error."""

    def __init__(self) -> None:
        self.is_cut = False
        self.times_cut = 0

    def write(self, _data: bytes) -> None:
        self.times_cut += 1
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    wire = Wire()
    send_over = AIOKafkaConnection.send

    def sending(self: AIOKafkaConnection, request: object, *more: object, **named: object) -> object:
        task = asyncio.current_task()
        by_itself = getattr(task and task.get_coro(), "__qualname__", "") == "AIOKafkaClient._md_synchronizer"
        if not (wire.is_cut and by_itself and isinstance(request, MetadataRequest)):
            return send_over(self, request, *more, **named)
        own, self._writer = self._writer, wire
        try:
            return send_over(self, request, *more, **named)
        finally:
            self._writer = own

    monkeypatch.setattr(AIOKafkaConnection, "send", sending)
    yield wire


async def test_a_consumer_with_a_broken_client_continues_with_a_new_one_after_an_outage(
    parts: Parts, group: Group, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offset_reporting, "REPORT_SECONDS", 0.0)
    shelf = uuid4()
    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_done(1)
        wire.is_cut = True
        await until(lambda: wire.times_cut > 0)
        wire.is_cut = False
        await parts.kill_kafka()
        await parts.start_kafka()
        # what is read first is reported to Kafka, and that is where a client without its task would hang
        for version in (2, 3):
            await send(group.bootstrap, received_stock(shelf, version))
            async with asyncio.timeout(PURCHASES_WITHIN):
                await group.has_done(version)

    assert await group.effects() == [(shelf, 1), (shelf, 2), (shelf, 3)]


async def test_a_relay_with_a_broken_client_continues_with_a_new_one(
    parts: Parts, store: EventStore, wire: Wire, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    producer = partial(KafkaProducer, metadata_max_age_ms=200)
    monkeypatch.setattr(relay_module, "KafkaProducer", producer)
    relay = Relay("offer", database.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats())
    shelf = uuid4()
    async with tapped(parts.kafka_bootstrap, "offer.events") as tap, running(relay.run()):
        await put_on_shelf(store, shelf, 1)
        await until(lambda: tap.versions(shelf) == [1])
        wire.is_cut = True
        await until(lambda: wire.times_cut > 0)
        wire.is_cut = False
        await put_on_shelf(store, uuid4(), 1)

        async def has_taken_over() -> bool:
            return bool(await store.pool.fetchval("SELECT epoch > 1 FROM relay_cursor"))

        await until(has_taken_over)


async def test_the_successor_of_a_dead_member_gets_its_partitions_at_once(
    parts: Parts, store: EventStore, group: Group
) -> None:
    dead = AIOKafkaConsumer(
        bootstrap_servers=parts.kafka_bootstrap, group_id=group.name, client_id=f"{group.name}.offer-1"
    )
    await dead.start()
    dead.subscribe(["offer.events"])
    await until(lambda: bool(dead.assignment()))
    _kill_without_leaving(dead)

    handlers = [group.recorder()]
    successor = Consumer(
        group.name,
        ["offer.events"],
        handlers,
        store,
        KafkaConnection(parts.kafka_bootstrap),
        Heartbeats(),
        instance="offer-1",
    )
    shelf = uuid4()
    await send(parts.kafka_bootstrap, received_stock(shelf, 1))
    async with running(successor.run()), asyncio.timeout(5):
        await group.has_done(1)


def _kill_without_leaving(member: AIOKafkaConsumer) -> None:
    """Like a killed process: without leaving the group."""
    client, coordinator = member._client, member._coordinator
    for task in (client._sync_task, coordinator._coordination_task, coordinator._heartbeat_task):
        task.cancel()
    for connection in client._conns.values():
        connection.close()
    member._closed = True


async def test_a_live_member_that_was_removed_as_dead_joins_again_beside_its_successor(
    parts: Parts, store: EventStore, group: Group
) -> None:
    first, second = group.recorder(member="first"), group.recorder(member="second")
    beats = Heartbeats()
    members = [
        Consumer(
            group.name,
            ["offer.events"],
            [it],
            store,
            KafkaConnection(parts.kafka_bootstrap),
            beats,
            instance="offer-1",
        )
        for it in (first, second)
    ]
    shelves = [uuid4() for _ in range(60)]
    async with running(members[0].run()):
        await send(parts.kafka_bootstrap, received_stock(shelves[0], 1))
        await group.has_done(1)
        async with running(members[1].run()):
            for version in range(1, 40):
                await send(parts.kafka_bootstrap, *(received_stock(it, version) for it in shelves))
                if first.batches and second.batches:
                    break
            await group.has_done(60 * version)
            assert second.batches

    assert len(await group.effects()) == len(set(await group.effects())) == 60 * version
