"""Each record that was read is counted once, with its outcome."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from prometheus_client import REGISTRY

from kernel.errors import Conflict
from kernel.messaging.inbound import InboundMessage
from tests.integration.kernel.messaging.group import Group, Recorder
from tests.support.kafka_records import Sent, received_stock, send
from tests.support.running import running
from tests.support.waiting import until

OUTCOMES = ("handled", "parked", "repeated", "skipped")


def counted(group: Group) -> dict[str, float]:
    figures = {
        it: REGISTRY.get_sample_value("feira_consumer_records_total", {"group": group.name, "outcome": it})
        for it in OUTCOMES
    }
    return {name: figure for name, figure in figures.items() if figure}


def unreadable(shelf: UUID, version: int) -> Sent:
    return replace(received_stock(shelf, version), value=b'{"sku":1}')


def unread(shelf: UUID, version: int) -> Sent:
    return received_stock(shelf, version).with_header("ce_type", b"stock.counted_by_drone")


async def test_repeats_and_skipped_records_behind_a_dead_letter_are_counted_once(
    group: Group,
) -> None:
    shelf, other = uuid4(), uuid4()
    foreign = unreadable(shelf, 2)
    await send(group.bootstrap, received_stock(shelf, 1), foreign)
    async with running(group.consumer(group.recorder()).run()):
        await group.has_parked(1)
        await until(lambda: counted(group) == {"handled": 1, "parked": 1})

        await send(group.bootstrap, foreign, unread(shelf, 2), unread(shelf, 3), received_stock(shelf, 2))
        await send(group.bootstrap, received_stock(other, 1))
        await until(lambda: counted(group) == {"handled": 2, "parked": 2, "repeated": 2, "skipped": 1})


async def test_records_with_one_version_in_one_batch_are_counted_once_each(group: Group) -> None:
    good, bad = uuid4(), uuid4()
    same = (received_stock(good, 1), received_stock(good, 1), unread(good, 1), received_stock(good, 1))

    await send(group.bootstrap, *same, unread(good, 2), unread(good, 2))
    async with running(group.consumer(group.recorder()).run()):
        await until(lambda: counted(group) == {"handled": 1, "repeated": 4, "skipped": 1})

        await send(group.bootstrap, unreadable(bad, 1), received_stock(bad, 1))
        await until(lambda: counted(group) == {"handled": 1, "parked": 2, "repeated": 4, "skipped": 1})


async def test_the_records_of_a_batch_that_runs_several_times_are_counted_once(group: Group) -> None:
    good, bad = uuid4(), uuid4()
    attempts: list[UUID] = []

    def conflict_first(message: InboundMessage) -> None:
        attempts.append(message.stream_id)
        if len(attempts) == 1:
            raise Conflict("another writer was first")
        if message.stream_id == bad:
            raise ValueError("this record can never be handled")

    await send(group.bootstrap, received_stock(good, 1), received_stock(bad, 1))
    async with running(group.consumer(group.recorder(before=conflict_first)).run()):
        await group.has_parked(1)
        await until(lambda: counted(group) == {"handled": 1, "parked": 1})

    assert len(attempts) > 2


async def test_a_record_that_several_handlers_are_asked_about_is_counted_once(group: Group) -> None:
    good, bad = uuid4(), uuid4()

    def refuse_the_bad_one(message: InboundMessage) -> None:
        if message.stream_id == bad:
            raise ValueError("this record can never be handled")

    handlers = (
        Recorder(f"{group.name}.first"),
        Recorder(f"{group.name}.second", before=refuse_the_bad_one),
        Recorder(f"{group.name}.third", types=frozenset()),
    )
    await send(group.bootstrap, received_stock(good, 1), received_stock(good, 1), unread(good, 2))
    await send(group.bootstrap, received_stock(bad, 1))
    async with running(group.consumer(*handlers).run()):
        await until(lambda: counted(group) == {"handled": 1, "repeated": 1, "skipped": 1, "parked": 1})
