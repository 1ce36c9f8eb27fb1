"""The metrics of a relay: who leads, what Kafka has acknowledged, and why a run has ended."""

from __future__ import annotations

from uuid import uuid4

from devstack.databases import Database
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from tests.integration.kernel.shelf import DEMO, Shelf, put_on_shelf, unlock
from tests.support.exported import counted, exported
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until

PUBLISHED = "feira_relay_published_total"


async def test_a_relay_counts_what_is_acknowledged_by_topic_while_it_leads(
    parts: Parts, database: Database, store: EventStore
) -> None:
    topics = "offer.events", "cart.commands"
    before = {it: counted(PUBLISHED, topic=it) for it in topics}
    relay = Relay("offer", database.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats())
    assert exported("feira_relay_leader") == 0

    async with running(relay.run()):
        work = await store.begin(DEMO)
        (await work.open(Shelf, uuid4())).receive(3)
        (await work.open(Shelf, uuid4())).receive(4)
        cart_id = uuid4()
        work.send(unlock(cart_id), cart_id)
        await store.commit(work)
        await until(lambda: counted(PUBLISHED, topic="cart.commands") == before["cart.commands"] + 1)
        await until(lambda: counted(PUBLISHED, topic="offer.events") == before["offer.events"] + 2)
        assert exported("feira_relay_leader") == 1
    assert exported("feira_relay_leader") == 0


async def test_a_relay_that_was_replaced_counts_why_it_began_again(
    parts: Parts, database: Database, store: EventStore
) -> None:
    fenced = counted("feira_relay_restarts_total", reason="fenced")
    relay = Relay("offer", database.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats())
    async with running(relay.run()):
        await until(lambda: exported("feira_relay_leader") == 1)
        await store.pool.execute("UPDATE relay_cursor SET epoch = epoch + 1")
        await put_on_shelf(store, uuid4(), 1)
        await until(lambda: counted("feira_relay_restarts_total", reason="fenced") == fenced + 1)


async def test_a_relay_without_kafka_leads_nothing_and_counts_its_tries(
    database: Database, store: EventStore
) -> None:
    await put_on_shelf(store, uuid4(), 1)
    before = counted("feira_relay_restarts_total", reason="kafka")
    relay = Relay("offer", database.service_url, KafkaConnection("127.0.0.1:1"), Heartbeats())
    async with running(relay.run()):
        await until(lambda: counted("feira_relay_restarts_total", reason="kafka") > before)
        assert exported("feira_relay_leader") == 0
