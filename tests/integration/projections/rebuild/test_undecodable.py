"""A record that no Kafka client can decode does not stop a rebuild from reading the rest of its topic."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

from aiokafka import TopicPartition

from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS
from kernel.messaging.broker import end_offsets
from kernel.messaging.connection import KafkaConnection
from kernel.projections.rebuild.topic_reader import open_topic_reader
from tests.support.kafka_records import received_stock, send
from tests.support.parts import Parts
from tests.support.raw_batches import send_with_header_name

UNUSED_TOPIC = "checkout.commands"
"""No read model is built from this topic, so its records affect no other test."""


async def test_a_rebuild_reads_past_a_record_that_cannot_be_decoded_and_names_it(parts: Parts) -> None:
    before, after = (
        [replace(received_stock(uuid4(), 1), topic=UNUSED_TOPIC) for _ in range(20)] for _ in range(2)
    )
    await send(parts.kafka_bootstrap, *before)
    for partition in range(PARTITIONS):
        await send_with_header_name(
            parts.kafka_bootstrap, partition, b"\xff\xfe", replace(before[0], key=str(uuid4()).encode())
        )
    await send(parts.kafka_bootstrap, *after)

    partitions = [TopicPartition(UNUSED_TOPIC, it) for it in range(PARTITIONS)]
    ends = await end_offsets(KafkaConnection(parts.kafka_bootstrap), partitions)
    read, invalid = [], []
    opened = open_topic_reader(KafkaConnection(parts.kafka_bootstrap), partitions, frozenset(), MESSAGES)
    async with opened as reader:
        async for heads, unreadable in reader.pages(ends):
            read += [head.record.key for head in heads]
            invalid += [(record.record.partition, record.error.reason) for record in unreadable]

    assert sorted(map(str, read)) == sorted(str(it.key) for it in [*before, *after])
    assert sorted(invalid) == [(it, "undecodable") for it in range(PARTITIONS)]
