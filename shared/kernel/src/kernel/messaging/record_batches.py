"""Make rows of the log into batches of records, by partition, and hand them to the producer.

The library would take them one by one: with a place to be looked up, a check and a future for each, that is
several times the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner

from kernel.faults import failpoints
from kernel.messaging.clients import KafkaProducer
from kernel.messaging.headers import headers_of

LARGEST_BATCH = 131_072
"""Bytes; a record that is larger has a batch of its own."""
LARGEST_REQUEST = 1_048_576
KEYS_REMEMBERED = 4_000

choose = DefaultPartitioner()


class Sent(NamedTuple):
    records: int
    acknowledgement: Any
    """To be awaited: where the first of them came to lie."""


@lru_cache(KEYS_REMEMBERED)
def partition_of(key: bytes, partitions: tuple[int, ...]) -> int:
    """Where any client puts this key. The library works it out in Python, and most keys come again soon."""
    found: int = choose(key, partitions, ())
    return found


class Outgoing:
    def __init__(self, producer: KafkaProducer, source: bytes, generation: bytes) -> None:
        self._producer = producer
        self._source = source
        self._generation = generation

    async def send(self, rows: Sequence[Any]) -> list[Sent]:
        """The records of a partition keep the order of the rows."""
        topics = {row["topic"] for row in rows}
        partitions = {it: tuple(await self._producer.partitions_for(it)) for it in topics}
        batches: list[tuple[str, int, Any]] = []
        filling: dict[tuple[str, int], Any] = {}
        for row in rows:
            topic, key = row["topic"], str(row["key"]).encode()
            headers = headers_of(row, self._source, self._generation)
            place = topic, partition_of(key, partitions[topic])
            batch = filling.get(place)
            if batch is None or not _put(batch, key, row["body"], headers):
                batch = filling[place] = self._producer.create_batch()
                batches.append((*place, batch))
                _put(batch, key, row["body"], headers)
        return [await self._hand_over(*it) for it in batches]

    async def _hand_over(self, topic: str, partition: int, batch: Any) -> Sent:
        """Waits while another batch of the partition waits to be sent."""
        if batch.size() > LARGEST_REQUEST:
            raise MessageSizeTooLargeError(f"a record of {batch.size()} bytes for {topic}")
        batch.close()
        failpoints.active and await failpoints.hit("relay.before_send")
        return Sent(batch.record_count(), await self._producer.send_batch(batch, topic, partition=partition))


def _put(batch: Any, key: bytes, body: bytes, headers: Any) -> bool:
    """Whether there was room. There always is for the first one."""
    return batch.append(timestamp=None, key=key, value=body, headers=headers) is not None
