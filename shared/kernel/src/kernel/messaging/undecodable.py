"""Records that the client cannot even decode: find which they are, so that the others can be read.

A header's name that is no UTF-8 makes the client raise in the middle of a fetch, and again at every next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import UnsupportedCodecError

from kernel.messaging.clients import KafkaConsumer

UNDECODABLE = (UnicodeDecodeError, UnsupportedCodecError)
POLL_MS = 500
CAREFULLY = 500
"""Records of a partition, before all are read at once again."""


@dataclass
class Undecodable(ConsumerRecord[bytes | None, bytes | None]):  # type: ignore[misc]  # the library ships no types
    """Stands in for a record of which only the place is known; it lies in the topic for whoever looks."""

    error: str = ""


async def fetched(
    consumer: KafkaConsumer, places: Mapping[TopicPartition, int], timeout_ms: int, most: int
) -> Mapping[TopicPartition, Sequence[ConsumerRecord[bytes | None, bytes | None]]]:
    """What comes next in these partitions, of which everything before these places has been read.

    Where something cannot be decoded the client does not say what, and has dropped what it had of the others.
    """
    try:
        found: Mapping[
            TopicPartition, Sequence[ConsumerRecord[bytes | None, bytes | None]]
        ] = await consumer.getmany(*places, timeout_ms=timeout_ms, max_records=most)
    except UNDECODABLE:
        ends = await consumer.end_offsets(list(places))
        found = {
            it: await one_by_one(consumer, it, begin, ends[it], CAREFULLY) for it, begin in places.items()
        }
    return {it: records for it, records in found.items() if records}


async def one_by_one(
    consumer: KafkaConsumer, partition: TopicPartition, begin: int, end: int, most: int
) -> Sequence[ConsumerRecord[bytes | None, bytes | None]]:
    """What lies in a partition from one offset to another, with a stand-in for what cannot be decoded.

    What its sender has put behind it into the same batch is lost with it.
    """
    found: list[ConsumerRecord[bytes | None, bytes | None]] = []
    consumer.seek(partition, begin)
    while len(found) < most and (at := await consumer.position(partition)) < end:
        try:
            more = await consumer.getmany(partition, timeout_ms=POLL_MS, max_records=1)
        except UNDECODABLE as error:
            found.append(_stand_in(partition, at, error))
            consumer.seek(partition, at + 1)
        else:
            if partition not in more:
                break
            found += more[partition]
    return found


def _stand_in(partition: TopicPartition, offset: int, error: Exception) -> Undecodable:
    said = f"{type(error).__name__}: {error}"
    nothing = {"timestamp": -1, "timestamp_type": 0, "key": None, "value": None, "checksum": None}
    sizes = {"serialized_key_size": -1, "serialized_value_size": -1, "headers": ()}
    where = {"topic": partition.topic, "partition": partition.partition, "offset": offset}
    return Undecodable(**where, **nothing, **sizes, error=said)
