"""Each record has its effects exactly once, in the transaction of the group's offset."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from prometheus_client import REGISTRY

from contracts import cart
from kernel import ids
from kernel.command_routes import CommandRoute
from kernel.domain import Aggregate
from kernel.messaging.commands import CommandHandler
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.consumer import Consumer
from kernel.messaging.inbound import InboundMessage
from kernel.observability.health import Heartbeats
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.unit_of_work import UnitOfWork
from tests.integration.kernel.messaging.group import Group
from tests.integration.kernel.shelf import DEMO, Shelf, unlock
from tests.support.database import Pool
from tests.support.kafka_records import received_stock, send, unlock_cart
from tests.support.running import running
from tests.support.waiting import until

LONG_PACE = 3600.0


async def store_one_of_each(it: InboundMessage, work: PgUnitOfWork) -> None:
    """Store a fact, a command and a timer because of this record."""
    copy = ids.derive_id(it.stream_id, "copy")
    (await work.open(Shelf, copy)).receive(1)
    work.send(unlock(copy), copy)
    work.set_timer("reminder", copy, work.now + timedelta(hours=1))


async def stored_counts(pool: Pool) -> tuple[int, int]:
    counts = await pool.fetchrow("SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM timers)")
    assert counts is not None
    return counts[0], counts[1]


async def test_effects_facts_commands_timers_and_offset_are_one_transaction_and_an_outage_is_retried(
    group: Group, pool: Pool
) -> None:
    shelf = uuid4()
    offsets = await group.offsets()
    attempts = 0
    away = True

    def outage(_: InboundMessage) -> None:
        nonlocal attempts
        attempts += 1
        if away:
            raise ConnectionError("the part that is needed is away")

    recorder = group.recorder(before=outage, decide=store_one_of_each)
    async with running(group.consumer(recorder).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await until(lambda: attempts >= 3)
        assert await group.effects() == []
        assert await stored_counts(pool) == (0, 0)
        assert await group.offsets() == offsets

        away = False
        await group.has_done(1)

    assert await group.effects() == [(shelf, 1)]
    assert await stored_counts(pool) == (2, 1)
    assert sum((await group.offsets()).values()) == sum(offsets.values()) + 1
    assert await group.parked() == []


async def test_what_a_record_causes_names_it_as_its_cause(group: Group, pool: Pool) -> None:
    sent = received_stock(uuid4(), 1, tenant="rival")
    async with running(group.consumer(group.recorder(decide=store_one_of_each)).run()):
        await send(group.bootstrap, sent)
        await group.has_done(1)

    rows = await pool.fetch("SELECT tenant, correlation_id, causation_id, occurred_at FROM log")
    message_id = dict(sent.headers)["ce_id"]
    assert message_id is not None
    assert {tuple(row) for row in rows} == {("rival", "correlation", message_id.decode(), None)}


async def test_a_unique_key_that_another_owns_by_now_costs_a_read_and_no_retry(
    group: Group, store: EventStore
) -> None:
    shelf, first = uuid4(), uuid4()
    owners: list[UUID | None] = []

    async def sell(it: InboundMessage, work: PgUnitOfWork) -> None:
        owners.append(await work.try_claim_key("sale", "a cart", it.stream_id))

    async def claim(work: PgUnitOfWork) -> None:
        work.claim_key("sale", "a cart", first)

    await store.run(DEMO, claim)
    async with running(group.consumer(group.recorder(decide=sell)).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_done(1)

    assert owners == [None, first]
    assert await group.effects() == [(shelf, 1)]


async def test_a_repeated_fact_is_dropped_by_its_version(group: Group) -> None:
    shelf, last = uuid4(), uuid4()
    first, second = received_stock(shelf, 1), received_stock(shelf, 2)

    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, first, second, first, second)
        await group.has_done(2)
        await send(group.bootstrap, second, first, received_stock(last, 1))
        await group.has_done(3)

    assert await group.effects() == [(shelf, 1), (shelf, 2), (last, 1)]


async def test_a_repeated_command_is_dropped(group: Group) -> None:
    again, other = unlock_cart(uuid4()), unlock_cart(uuid4())

    recorder = group.recorder(types=frozenset({"cart.unlock"}))
    async with running(group.consumer(recorder, topics=["cart.commands"]).run()):
        await send(group.bootstrap, again, again, other)
        await group.has_done(2)

    assert len(await group.effects()) == 2


async def test_a_restarted_consumer_continues_at_the_stored_offset(group: Group) -> None:
    shelf = uuid4()
    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, received_stock(shelf, 1))
        await group.has_done(1)
    await send(group.bootstrap, received_stock(shelf, 2))

    async with running(group.consumer(group.recorder()).run()):
        await group.has_done(2)

    assert await group.effects() == [(shelf, 1), (shelf, 2)]


async def test_a_fact_of_an_unknown_type_is_skipped_and_counted(group: Group) -> None:
    shelf = uuid4()
    news = received_stock(uuid4(), 1).with_header("ce_type", b"stock.counted_by_drone")

    async with running(group.consumer(group.recorder()).run()):
        await send(group.bootstrap, news, received_stock(shelf, 1))
        await group.has_done(1)

        def counted() -> bool:
            labels = {"group": group.name, "outcome": "skipped"}
            return REGISTRY.get_sample_value("feira_consumer_records_total", labels) == 1

        await until(counted)

    assert await group.effects() == [(shelf, 1)]
    assert await group.parked() == []


async def test_commands_are_handled_in_order_with_their_aggregates_preloaded(
    group: Group, store: EventStore, pool: Pool
) -> None:
    cart_id = uuid4()

    async def obey(command: cart.Unlock, work: UnitOfWork) -> None:
        (await work.open(Shelf, command.cart_id)).receive(1)

    def needs(command: cart.Unlock) -> Iterable[tuple[type[Aggregate], UUID]]:
        return [(Shelf, command.cart_id)]

    handler = CommandHandler(group.name, {cart.Unlock: CommandRoute(handler=obey, preload=needs)})
    consumer = Consumer(
        group.name, ["cart.commands"], [handler], store, KafkaConnection(group.bootstrap), Heartbeats()
    )
    sent = [unlock_cart(cart_id) for _ in range(5)]
    async with running(consumer.run()):
        await send(group.bootstrap, *sent)
        await until(lambda: _log_has(pool, 5))

    rows = await pool.fetch("SELECT version, causation_id FROM log ORDER BY position")
    assert [(row["version"], row["causation_id"].encode()) for row in rows] == [
        (version, dict(it.headers)["ce_id"]) for version, it in enumerate(sent, 1)
    ]


async def _log_has(pool: Pool, count: int) -> bool:
    return bool(await pool.fetchval("SELECT count(*) = $1 FROM log", count))


async def test_full_batches_are_not_throttled(group: Group) -> None:
    shelf = uuid4()
    await send(group.bootstrap, *(received_stock(shelf, version) for version in range(1, 16)))

    recorder = group.recorder()
    consumer = Consumer(
        group.name,
        ["offer.events"],
        [recorder],
        group.store,
        KafkaConnection(group.bootstrap),
        Heartbeats(),
        min_interval=LONG_PACE,
        max_records=5,
    )
    async with running(consumer.run()):
        await group.has_done(15)

    assert recorder.batches == [5, 5, 5]
