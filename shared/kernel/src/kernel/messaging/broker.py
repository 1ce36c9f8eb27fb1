"""What a client can learn of the broker: which one it is, and where its topics end."""

from __future__ import annotations

from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


async def cluster_id(bootstrap: str) -> str:
    """The id that a broker's storage was formatted with: another one means another broker."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    await admin.start()
    try:
        found = await admin.describe_cluster()
        return str(found["cluster_id"])
    finally:
        await admin.close()


async def ends_of(bootstrap: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset that the next record of each partition will get."""
    wanted = list(partitions)
    if not wanted:
        return {}  # nor would the client survive it: one that is stopped at once cancels whoever stops it
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    await consumer.start()
    try:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(wanted)
        return ends
    finally:
        await consumer.stop()
