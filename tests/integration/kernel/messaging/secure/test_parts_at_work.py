"""Relay, consumer, read models and tools over TLS, each as the user that it has in production."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from cli.tail import Tail
from contracts.topics import MESSAGES
from contracts.topology import EVENT_TOPICS, read_by
from devstack.databases import Database
from kernel.clock.topic_ends import TopicEnds
from kernel.messaging.broker import cluster_id, end_offsets, remove_members
from kernel.messaging.clients import KafkaProducer
from kernel.messaging.cluster_pinning import pin_to_cluster
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.projections.lag import Lag
from kernel.projections.rebuild.topic_reader import open_topic_reader
from kernel.store.event_store import EventStore
from projections.models.registry import REGISTRY
from tests.integration.kernel.messaging.group import Recorder, make_effects_table
from tests.integration.kernel.shelf import put_on_shelf
from tests.support.database import Pool
from tests.support.kafka_records import received_stock, send
from tests.support.running import running
from tests.support.secured_kafka import SecuredKafka
from tests.support.waiting import until

CATALOGUE = "cart.catalogue"


async def keys_in(kafka: KafkaConnection, topic: str) -> set[str]:
    return {it.key async for it in Tail(kafka, (topic,)).read(1000, follow=False)}


async def test_a_relay_publishes_what_an_operator_reads(
    secured: SecuredKafka, store: EventStore, database: Database
) -> None:
    shelves = [uuid4(), uuid4()]
    for shelf in shelves:
        await put_on_shelf(store, shelf, 1)
    relay = Relay("offer", database.service_url, secured.connection("offer"), Heartbeats())

    async def is_published() -> bool:
        return {*map(str, shelves)} <= await keys_in(secured.connection("operator"), "offer.events")

    async with running(relay.run()):
        await until(is_published)


async def test_a_relay_compares_the_ends_of_its_topics_with_its_cursor(
    secured: SecuredKafka, store: EventStore, database: Database
) -> None:
    """At its second take-over it asks for the ends of what the first has published."""
    first, second = uuid4(), uuid4()
    for shelf in (first, second):
        await put_on_shelf(store, shelf, 1)
        relay = Relay("offer", database.service_url, secured.connection("offer"), Heartbeats())
        async with running(relay.run()):
            await until(lambda: cursor_is_at_the_end(store.pool))

    assert await store.pool.fetchval("SELECT generation FROM relay_cursor") == 1
    assert {str(first), str(second)} <= await keys_in(secured.connection("operator"), "offer.events")


async def cursor_is_at_the_end(pool: Pool) -> bool:
    sql = "SELECT (SELECT position FROM relay_cursor) = (SELECT max(position) FROM log)"
    return bool(await pool.fetchval(sql))


async def test_a_consumer_reads_and_reports_as_a_member_of_its_own_group(
    secured: SecuredKafka, store: EventStore, database: Database
) -> None:
    await make_effects_table(database)
    heartbeats, shelf = Heartbeats(), uuid4()
    recorder, kafka = Recorder(CATALOGUE), secured.connection("cart")
    consumer = Consumer(
        CATALOGUE, read_by(CATALOGUE), [recorder], store, kafka, heartbeats, instance="cart-1"
    )
    async with running(consumer.run()):
        await until(lambda: not heartbeats.waiting())
        await send(secured.connection("offer"), received_stock(shelf, 1))
        await until(lambda: has_effect_of(store.pool, shelf))
        # as a process that takes over from one that was killed
        assert await remove_members(kafka, CATALOGUE, f"{CATALOGUE}.cart-1") == 1


async def has_effect_of(pool: Pool, shelf: UUID) -> bool:
    return bool(await pool.fetchval("SELECT count(*) FROM effects WHERE stream_id = $1", shelf))


async def test_read_models_know_their_lag_and_are_built_again(secured: SecuredKafka, pool: Pool) -> None:
    kafka = secured.connection("projections")
    partitions = REGISTRY.partitions_of(*REGISTRY.models)
    async with Lag(REGISTRY, pool, kafka) as lag:
        found = await lag.by_model()
    assert {it.end is not None for own in found.values() for it in own.values()} == {True}

    ends = await end_offsets(kafka, partitions)
    types = frozenset(REGISTRY.types)
    async with open_topic_reader(kafka, partitions, types, MESSAGES) as reader:
        pages = [page async for page in reader.pages(ends)]
    assert sum(len(read) + len(invalid) for read, invalid in pages) == sum(ends.values())


async def test_the_ends_of_a_service_s_topics_are_read_over_one_connection(secured: SecuredKafka) -> None:
    ends = TopicEnds(secured.connection("checkout-saga"))
    wanted = {(topic, 0) for group in ("checkout-saga",) for topic in read_by(group)}
    try:
        assert (await ends.read(wanted)).keys() == wanted
    finally:
        await ends.close()


@pytest.mark.parametrize("service", ["cart", "offer"])
async def test_a_client_certificate_is_as_good_as_a_password(secured: SecuredKafka, service: str) -> None:
    kafka = secured.with_certificate(service)
    async with KafkaProducer(acks="all", enable_idempotence=True, **kafka.client_options()) as producer:
        await producer.send_and_wait(f"{service}.events", b"{}")
        for foreign in {*EVENT_TOPICS} - {f"{service}.events"}:
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait(foreign, b"{}")


async def test_a_producer_that_is_pinned_to_its_cluster_sends(secured: SecuredKafka) -> None:
    kafka = secured.connection("offer")
    async with KafkaProducer(acks="all", **kafka.client_options()) as producer:
        other_cluster = pin_to_cluster(producer, await cluster_id(kafka))
        await producer.send_and_wait("offer.events", b"{}")
    assert not other_cluster.is_set()


async def test_a_producer_that_is_pinned_to_another_cluster_sends_nothing(secured: SecuredKafka) -> None:
    kafka = secured.connection("offer")
    partition = TopicPartition("offer.events", 0)
    before = await end_offsets(kafka, [partition])
    producer = KafkaProducer(acks="all", **kafka.client_options())
    other_cluster = pin_to_cluster(producer, "another cluster")
    try:
        await producer.start()
        sending = asyncio.create_task(producer.send(partition.topic, b"{}", partition=partition.partition))
        await until(other_cluster.is_set)
    finally:
        await producer.drop()
    sending.cancel()
    assert await end_offsets(kafka, [partition]) == before
