"""The broker in memory: records ordered by partition, with the headers that the kernel writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from aiokafka import TopicPartition

from kernel.messaging.deduplication import Record as KafkaRecord
from kernel.messaging.headers import Headers, headers_of
from kernel.store.changes import LOG_COLUMNS, LogRow

PARTITIONS = 3
FIRST_GENERATION = b"1"

Reader = Callable[[str, int], None]
"""Called with the topic and partition of a new record."""


@dataclass(frozen=True, slots=True)
class Record:
    """The part of a Kafka record that the kernel uses."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Headers


class Topics:
    def __init__(self) -> None:
        self._places: dict[UUID, int] = {}
        self._parts: dict[tuple[str, int], list[KafkaRecord]] = defaultdict(list)
        self._readers: dict[str, list[Reader]] = defaultdict(list)

    def follow(self, topic: str, reader: Reader) -> None:
        self._readers[topic].append(reader)

    def append(self, service: str, row: LogRow) -> None:
        # by order of appearance, not by hash: other ids must not change what happens
        part = self._places.setdefault(row.key, len(self._places) % PARTITIONS)
        records = self._parts[row.topic, part]
        headers = headers_of(
            dict(zip(LOG_COLUMNS, row, strict=True)), f"/feira/{service}".encode(), FIRST_GENERATION
        )
        it = Record(row.topic, part, len(records), str(row.key).encode(), row.body, headers)
        records.append(cast(KafkaRecord, it))
        for reader in self._readers[row.topic]:
            reader(row.topic, part)

    def read(self, topic: str, part: int, begin: int, most: int) -> list[KafkaRecord]:
        return self._parts[topic, part][begin : begin + most]

    def end(self, topic: str, part: int) -> int:
        return len(self._parts[topic, part])

    # the part of a Kafka client that consumers use

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(*it) for it in self._parts}

    async def beginning_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {it: self.end(*it) for it in partitions}

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Nothing to do: there is no prefetching, each batch is read at its member's own offset."""
