"""Build batches of records from rows of the log, by partition, and hand them to the producer.

Sending single records would be several times the work: the library looks up a partition, checks and makes a
future for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from aiokafka.errors import MessageSizeTooLargeError

from kernel.faults import failpoints
from kernel.messaging.clients import KafkaProducer
from kernel.messaging.headers import headers_of
from kernel.messaging.key_hash import hash_of

MAX_BATCH_BYTES = 131_072
"""A larger record has a batch of its own."""
MAX_REQUEST_BYTES = 1_048_576
MAX_CACHED_KEYS = 4_000


class SentBatch(NamedTuple):
    records: int
    acknowledgement: Any
    """An awaitable of the broker's answer: partition and offset of the first record."""


@lru_cache(MAX_CACHED_KEYS)
def partition_of(key: bytes, partitions: tuple[int, ...]) -> int:
    """As Kafka's own clients choose it. Cached: most keys come again soon."""
    return partitions[(hash_of(key) & 0x7FFFFFFF) % len(partitions)]


class BatchSender:
    def __init__(self, producer: KafkaProducer, source: bytes, generation: bytes) -> None:
        self._producer = producer
        self._source = source
        self._generation = generation

    async def send(self, rows: Sequence[Any]) -> list[SentBatch]:
        """Send the rows; the records of a partition keep their order."""
        topics = {row["topic"] for row in rows}
        partitions = {topic: tuple(await self._producer.partitions_for(topic)) for topic in topics}
        batches: list[tuple[str, int, Any]] = []
        filling: dict[tuple[str, int], Any] = {}
        for row in rows:
            topic, key = row["topic"], str(row["key"]).encode()
            headers = headers_of(row, self._source, self._generation)
            target = topic, partition_of(key, partitions[topic])
            batch = filling.get(target)
            if batch is None or not _append(batch, key, row["body"], headers):
                batch = filling[target] = self._producer.create_batch()
                batches.append((*target, batch))
                _append(batch, key, row["body"], headers)
        return [await self._send_batch(*batch) for batch in batches]

    async def _send_batch(self, topic: str, partition: int, batch: Any) -> SentBatch:
        """Waits while an earlier batch of the partition is queued."""
        if batch.size() > MAX_REQUEST_BYTES:
            raise MessageSizeTooLargeError(f"record of {batch.size()} bytes for {topic}")
        batch.close()
        failpoints.active and await failpoints.hit("relay.before_send")
        return SentBatch(
            batch.record_count(), await self._producer.send_batch(batch, topic, partition=partition)
        )


def _append(batch: Any, key: bytes, body: bytes, headers: Any) -> bool:
    """Whether there was room. The first record of a batch always fits."""
    return batch.append(timestamp=None, key=key, value=body, headers=headers) is not None
