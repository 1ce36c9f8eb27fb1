"""The shared fetch of all read models when its client goes back to earlier records by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from aiokafka import ConsumerRecord, TopicPartition

from contracts.topics import MESSAGES
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.offsets import Offset
from kernel.projections.fan_out import FanOut
from kernel.projections.lane import Lane

FIRST, SECOND = TopicPartition("cart.events", 0), TopicPartition("cart.events", 1)


class StillLane:
    """A lane with offsets that handles nothing."""

    def __init__(self) -> None:
        self.offsets: dict[TopicPartition, Offset] = {}

    async def seek(self, _client: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        self.offsets |= dict.fromkeys(partitions, Offset(10, 1))

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            del self.offsets[partition]

    def catch_up(self, _positions: Any) -> None:
        pass


class Client:
    def seek(self, _partition: TopicPartition, _offset: int) -> None:
        pass


def record(offset: int) -> ConsumerRecord[bytes, bytes]:
    return ConsumerRecord("cart.events", 0, offset, 0, 0, b"", b"", 0, 0, 0, ())


async def test_offsets_are_loaded_again_where_the_broker_has_lost_the_records_at_the_position() -> None:
    lane, client = StillLane(), cast(KafkaConsumer, Client())
    fan_out = FanOut([cast(Lane, lane)], MESSAGES)
    await fan_out.offsets.seek(client, [FIRST, SECOND])
    fetched = {FIRST: [record(0), record(1)], SECOND: [record(10)]}
    assert await fan_out.new_offsets(client, fetched) == {SECOND: Offset(11, 0)}
    assert FIRST not in fan_out.offsets
    assert lane.offsets.keys() == {SECOND}
