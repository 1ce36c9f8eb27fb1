"""What a stranger has put into a topic and no client can decode keeps nobody from reading the rest of it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from aiokafka import TopicPartition

from contracts.topology import PARTITIONS
from kernel.messaging.broker import ends_of
from projections.adapters.rebuild.topic_reader import open_topic_reader
from tests.support.kafka_records import received_stock, send
from tests.support.parts import Parts
from tests.support.raw_batches import send_with_header_name

NOBODYS = "checkout.commands"
"""A topic from which no read model is made: what lies there disturbs no other test."""


async def test_a_rebuild_reads_past_a_record_that_cannot_be_decoded_and_names_it(parts: Parts) -> None:
    before, behind = (
        [replace(received_stock(uuid4(), 1), topic=NOBODYS) for _ in range(20)] for _ in range(2)
    )
    await send(parts.kafka_bootstrap, *before)
    for partition in range(PARTITIONS):
        await send_with_header_name(
            parts.kafka_bootstrap, partition, b"\xff\xfe", replace(before[0], key=str(uuid4()).encode())
        )
    await send(parts.kafka_bootstrap, *behind)

    where = [TopicPartition(NOBODYS, it) for it in range(PARTITIONS)]
    ends = await ends_of(parts.kafka_bootstrap, where)
    read, wrong = [], []
    async with open_topic_reader(parts.kafka_bootstrap, "nobody", [NOBODYS], frozenset()) as topics:
        async for heads, unreadable in topics.pages(ends):
            read += [it.record.key for it in heads]
            wrong += [(it.record.partition, it.error.reason) for it in unreadable]

    assert sorted(map(str, read)) == sorted(str(it.key) for it in [*before, *behind])
    assert sorted(wrong) == [(it, "undecodable") for it in range(PARTITIONS)]
