"""Requests to the broker: its cluster id, the end offsets of partitions, the removal of dead members."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import for_code

from kernel.messaging.clients import KafkaAdmin, KafkaConsumer, with_timeout
from kernel.messaging.connection import KafkaConnection

P = ParamSpec("P")
T = TypeVar("T")


def _with_call_timeout(request: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """All client calls of one request share the timeout of one call."""

    @wraps(request)
    async def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        return await with_timeout(request(*args, **kwargs))

    return limited


@_with_call_timeout
async def cluster_id(kafka: KafkaConnection) -> str:
    """The id that the broker's storage was formatted with: a new id means a new broker."""
    async with _admin_client(kafka) as admin:
        description = await admin.describe_cluster()
        return str(description["cluster_id"])


@_with_call_timeout
async def end_offsets(
    kafka: KafkaConnection, partitions: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """The offset of each partition's next record."""
    requested = list(partitions)
    if not requested:
        return {}  # a client that is stopped right after its start cancels the caller
    consumer = KafkaConsumer(request_timeout_ms=10_000, **kafka.client_options())
    try:
        await consumer.start()
        ends: dict[TopicPartition, int] = await consumer.end_offsets(requested)
        return ends
    finally:
        await consumer.stop()


@_with_call_timeout
async def partitions_of(kafka: KafkaConnection, topics: Sequence[str]) -> list[TopicPartition]:
    """All partitions of these topics; none of a topic that the broker does not have."""
    async with _admin_client(kafka) as admin:
        described = await admin.describe_topics(list(topics)) if topics else []
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in described
        for partition in topic["partitions"]
    ]


@_with_call_timeout
async def remove_members(kafka: KafkaConnection, group: str, client_id: str) -> int:
    """Remove the members with this client id from the group, which otherwise waits for the end of their
    sessions. A member that is alive after all joins again as a new one. Returns how many were removed."""
    async with _admin_client(kafka) as admin:
        coordinator = await admin.find_coordinator(group)
        (response,) = await admin.describe_consumer_groups([group], coordinator)
        (described,) = response.groups
        error_code, *_, members = described[:6]
        if error_code:
            raise for_code(error_code)(f"The group {group} cannot be described.")
        dead = [member_id for member_id, member_client_id, *_ in members if member_client_id == client_id]
        for member_id in dead:
            await admin.remove_member(group, member_id, coordinator)
    return len(dead)


@asynccontextmanager
async def _admin_client(kafka: KafkaConnection) -> AsyncIterator[KafkaAdmin]:
    admin = KafkaAdmin(request_timeout_ms=10_000, **kafka.client_options())
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
