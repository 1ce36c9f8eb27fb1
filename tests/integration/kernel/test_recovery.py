"""After PostgreSQL is killed and restarted, every loop goes on by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from contracts.topics import MESSAGES
from devstack.databases import Database
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.relay import Relay
from kernel.observability.health import Heartbeats
from kernel.postgres.connections import is_outage
from kernel.scheduling.outbound_calls import OutboundCalls
from kernel.scheduling.timers import DueTimer, Timers
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.messaging.group import Group, make_effects_table
from tests.integration.kernel.shelf import DEMO, Shelf, lying_on, put_on_shelf
from tests.support.database import Pool
from tests.support.parts import Parts
from tests.support.running import running
from tests.support.waiting import until

TIMER, CALL = "reminder", "gateway"


async def test_relay_consumer_timers_calls_and_store_recover_from_a_killed_database(
    parts: Parts, database: Database, pool: Pool
) -> None:
    await make_effects_table(database)
    store = EventStore(pool, MESSAGES)
    group = Group(f"group-{uuid4()}", store, parts.kafka_bootstrap)
    await group.seek_to_end("offer.events")

    async def fire(timer: DueTimer, work: PgUnitOfWork) -> None:
        (await work.open(Shelf, timer.subject)).receive(1)

    async def call(timer: DueTimer) -> None:
        async def record(work: UnitOfWork) -> None:
            (await work.open(Shelf, timer.subject)).receive(1)
            work.cancel_timer(CALL, timer.subject)

        await store.run(timer.context, record)

    relay = Relay("offer", database.service_url, KafkaConnection(parts.kafka_bootstrap), Heartbeats())
    timers = Timers("offer", {TIMER: fire}, store, Heartbeats())
    calls = OutboundCalls("offer", {CALL: call}, store, Heartbeats())
    async with running(relay.run(), group.consumer(group.recorder()).run(), timers.run(), calls.run()):
        before = await _begin_all(store)
        await until(lambda: _all_done(store, group, before))

        await parts.kill_postgres()
        try:
            refused = None
            await put_on_shelf(store, uuid4(), 1)
        except Exception as outage:
            refused = outage
        finally:
            await parts.start_postgres()
        assert refused is not None
        assert is_outage(refused)

        after: list[UUID] = []

        async def accepted() -> bool:
            try:
                after.extend(await _begin_all(store))
            except Exception as outage:
                assert is_outage(outage)
            return bool(after)

        await until(accepted)
        await until(lambda: _all_done(store, group, after), limit=60)

    assert {it for it, _ in await group.effects()} >= {*before, *after}
    assert len(await group.effects()) == len(set(await group.effects()))


async def _begin_all(store: EventStore) -> list[UUID]:
    """A fact, a timer that will make one, and a call that will make one."""
    work = await store.begin(DEMO)
    shelf, timed, called = uuid4(), uuid4(), uuid4()
    (await work.open(Shelf, shelf)).receive(1)
    work.set_timer(TIMER, timed, work.now - timedelta(seconds=1))
    work.set_timer(CALL, called, work.now)
    await store.commit(work)
    return [shelf, timed, called]


async def _all_done(store: EventStore, group: Group, shelves: list[UUID]) -> bool:
    done = {it for it, _ in await group.effects()}
    return all([await lying_on(store, it) == 1 and it in done for it in shelves])
