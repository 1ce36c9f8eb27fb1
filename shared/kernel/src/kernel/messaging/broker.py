"""What a client can learn of the broker, and tell it: which one it is, where its topics end, who is dead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import for_code

from kernel.messaging.clients import KafkaAdmin, KafkaConsumer, in_time

P = ParamSpec("P")
T = TypeVar("T")


def _within_the_limit(ask: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """All calls of one question together take no longer than one call may."""

    @wraps(ask)
    async def within(*given: P.args, **named: P.kwargs) -> T:
        return await in_time(ask(*given, **named))

    return within


@_within_the_limit
async def cluster_id(bootstrap: str) -> str:
    """The id that a broker's storage was formatted with: another one means another broker."""
    async with _asking(bootstrap) as admin:
        found = await admin.describe_cluster()
        return str(found["cluster_id"])


@_within_the_limit
async def ends_of(bootstrap: str, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset that the next record of each partition will get."""
    wanted = list(partitions)
    if not wanted:
        return {}  # nor would the client survive it: one that is stopped at once cancels whoever stops it
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await consumer.start()
        ends: dict[TopicPartition, int] = await consumer.end_offsets(wanted)
        return ends
    finally:
        await consumer.stop()


@_within_the_limit
async def forget_members(bootstrap: str, group: str, client_id: str) -> int:
    """Tell Kafka that the members of a group with this client id are dead: else the group waits for the end
    of their sessions. One that lives after all joins again, as another member. Returns how many."""
    async with _asking(bootstrap) as admin:
        coordinator = await admin.find_coordinator(group)
        (answer,) = await admin.describe_consumer_groups([group], coordinator)
        (described,) = answer.groups
        error_code, *_, members = described[:6]
        if error_code:
            raise for_code(error_code)(f"{group} cannot be described")
        dead = [member_id for member_id, its_client_id, *_ in members if its_client_id == client_id]
        for member_id in dead:
            await admin.remove_member(group, member_id, coordinator)
    return len(dead)


@asynccontextmanager
async def _asking(bootstrap: str) -> AsyncIterator[KafkaAdmin]:
    admin = KafkaAdmin(bootstrap_servers=bootstrap, request_timeout_ms=10_000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
