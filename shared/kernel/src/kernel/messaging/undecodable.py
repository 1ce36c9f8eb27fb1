"""Find records that the client cannot decode, so that the others can be read.

A header name that is not UTF-8 makes the client raise during a fetch, and again during every following one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import UnsupportedCodecError

from kernel.messaging.clients import KafkaConsumer

UNDECODABLE = (UnicodeDecodeError, UnsupportedCodecError)
POLL_TIMEOUT_MS = 500
MAX_SINGLE_FETCHES = 500
"""Records of a partition that are fetched singly before batches are fetched again."""


@dataclass
class Undecodable(ConsumerRecord[bytes | None, bytes | None]):  # type: ignore[misc]  # the library ships no types
    """Stands in for a record of which only the offset is known. The record itself stays in the topic."""

    error: str = ""


async def fetch(
    consumer: KafkaConsumer, positions: Mapping[TopicPartition, int], timeout_ms: int, max_records: int
) -> Mapping[TopicPartition, Sequence[ConsumerRecord[bytes | None, bytes | None]]]:
    """The next records of the partitions, from these positions on.

    The client's error does not name the undecodable record, and the client has dropped its other fetched
    records: so all partitions are then fetched one record at a time.
    """
    try:
        fetched: Mapping[
            TopicPartition, Sequence[ConsumerRecord[bytes | None, bytes | None]]
        ] = await consumer.getmany(*positions, timeout_ms=timeout_ms, max_records=max_records)
    except UNDECODABLE:
        ends = await consumer.end_offsets(list(positions))
        fetched = {
            part: await fetch_one_by_one(consumer, part, begin, ends[part], MAX_SINGLE_FETCHES)
            for part, begin in positions.items()
        }
    return {part: records for part, records in fetched.items() if records}


async def fetch_one_by_one(
    consumer: KafkaConsumer, partition: TopicPartition, begin: int, end: int, max_records: int
) -> Sequence[ConsumerRecord[bytes | None, bytes | None]]:
    """The records of a partition between two offsets, with a stand-in for each undecodable one.

    The records behind an undecodable one in its sender's batch are lost with it.
    """
    fetched: list[ConsumerRecord[bytes | None, bytes | None]] = []
    consumer.seek(partition, begin)
    while len(fetched) < max_records and (offset := await consumer.position(partition)) < end:
        try:
            more = await consumer.getmany(partition, timeout_ms=POLL_TIMEOUT_MS, max_records=1)
        except UNDECODABLE as error:
            fetched.append(_stand_in(partition, offset, error))
            consumer.seek(partition, offset + 1)
        else:
            if partition not in more:
                break
            fetched += more[partition]
    return fetched


def _stand_in(partition: TopicPartition, offset: int, error: Exception) -> Undecodable:
    empty = {"timestamp": -1, "timestamp_type": 0, "key": None, "value": None, "checksum": None}
    sizes = {"serialized_key_size": -1, "serialized_value_size": -1, "headers": ()}
    position = {"topic": partition.topic, "partition": partition.partition, "offset": offset}
    return Undecodable(**position, **empty, **sizes, error=f"{type(error).__name__}: {error}")
