"""The lag of read models that stand at different offsets of one topic."""

from __future__ import annotations

import time
from uuid import uuid4

from aiokafka import TopicPartition

from contracts.topics import MESSAGES
from kernel.messaging.clients import KafkaProducer
from kernel.messaging.connection import KafkaConnection
from kernel.projections.lag import Lag
from kernel.projections.registry import ProjectionRegistry
from tests.integration.kernel.projections.toys import COUNTERS, ROWS, SET_BASED
from tests.support.database import Pool
from tests.support.parts import Parts

AGES = (4000, 3000, 2000, 1000)
"""Of the published records, in seconds."""
HANDLED = (1, 3, 4)
"""Records that each read model has handled."""


async def test_the_age_of_the_first_unhandled_record_is_known_for_each_read_model(
    parts: Parts, pool: Pool
) -> None:
    topic = MESSAGES.topic_of["order.created"]
    partition = TopicPartition(topic, 0)
    kafka = KafkaConnection(parts.kafka_bootstrap)
    models = (COUNTERS, ROWS, SET_BASED)
    registry = ProjectionRegistry(f"lag-{uuid4()}", models, MESSAGES, partitions=1)
    published = time.time()
    async with KafkaProducer(**kafka.client_options()) as producer:
        sent = [
            await producer.send_and_wait(
                topic, b"{}", partition=0, timestamp_ms=int((published - age) * 1000)
            )
            for age in AGES
        ]
    first = sent[0].offset
    await pool.executemany(
        "INSERT INTO consumer_offset (grp, topic, part, cluster_id, generation, next_offset)"
        " VALUES ($1, $2, 0, '', 0, $3)",
        [(it.scope, topic, first + handled) for it, handled in zip(models, HANDLED, strict=True)],
    )
    async with Lag(registry, pool, kafka) as lag:
        found = await lag.by_model()
    late = [found[it.scope][partition] for it in models]
    assert [it.events for it in late] == [3, 1, 0]
    waited = [it.waiting_seconds or 0.0 for it in late]
    elapsed = time.time() - published + 0.001
    for seconds, age in zip(waited, (3000, 1000, 0), strict=True):
        assert age - 0.001 <= seconds <= age + elapsed
