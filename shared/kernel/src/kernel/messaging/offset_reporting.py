"""Report a member's offsets for lag tools, as offsets committed to Kafka.

Feira does not read them. So reporting must never delay the next batch.
"""

from __future__ import annotations

import asyncio
import time

import structlog
from aiokafka import TopicPartition

from kernel.faults import failpoints
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.lag_metrics import KnownOffsets

LOG = structlog.get_logger()
REPORT_SECONDS = 1.0
REPORT_TIMEOUT = 1.0


class OffsetReporter:
    def __init__(self, group: str, offsets: KnownOffsets) -> None:
        self._group = group
        self._offsets = offsets
        self._reported_at = 0.0
        self._reported: dict[TopicPartition, int] = {}

    async def report(self, consumer: KafkaConsumer) -> None:
        if time.monotonic() - self._reported_at < REPORT_SECONDS:
            return
        self._reported_at = time.monotonic()
        offsets = {
            part: self._offsets[part].next_offset for part in consumer.assignment() if part in self._offsets
        }
        if offsets and offsets != self._reported:
            self._reported = offsets
            try:
                failpoints.active and await failpoints.hit("consumer.before_kafka_told")
                async with asyncio.timeout(REPORT_TIMEOUT):
                    await consumer.commit(offsets)
            except Exception as error:
                LOG.debug("offset_commit_failed", group=self._group, error=repr(error))
