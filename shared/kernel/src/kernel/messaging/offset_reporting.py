"""Tell lag tools how far a member has come: by a metric, and by the offsets that Kafka keeps.

Nothing of ours reads either. So it must never hold up what is read next.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import structlog
from aiokafka import TopicPartition

from kernel.faults import failpoints
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.offsets import OffsetStore
from kernel.metrics import CONSUMER_LAG

LOG = structlog.get_logger()
TELL_EVERY = 1.0
TELLING_SECONDS = 1.0


class OffsetReporter:
    def __init__(self, group: str, places: OffsetStore) -> None:
        self._group = group
        self._places = places
        self._told_at = 0.0
        self._told: dict[TopicPartition, int] = {}

    async def report(self, consumer: KafkaConsumer, read: Iterable[TopicPartition]) -> None:
        for partition in read:
            if partition in self._places:
                end = consumer.highwater(partition) or 0
                lag = max(0, end - self._places[partition].next_offset)
                CONSUMER_LAG.labels(self._group, partition.topic, partition.partition).set(lag)
        if time.monotonic() - self._told_at < TELL_EVERY:
            return
        self._told_at = time.monotonic()
        offsets = {it: self._places[it].next_offset for it in consumer.assignment() if it in self._places}
        if offsets and offsets != self._told:
            self._told = offsets
            try:
                failpoints.active and await failpoints.hit("consumer.before_kafka_told")
                async with asyncio.timeout(TELLING_SECONDS):
                    await consumer.commit(offsets)
            except Exception as refused:
                LOG.debug("offset_commit_failed", group=self._group, error=repr(refused))
