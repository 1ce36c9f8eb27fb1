"""The topics: per partition an order that all readers share, and no promise between partitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from aiokafka import ConsumerRecord

from kernel.messaging.received import Received
from kernel.store.save import LogRow

PARTITIONS = 3

Reader = Callable[[str, int], None]
"""Told in which partition there is something new."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the kernel's sifting looks at of a Kafka record."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes


class Topics:
    def __init__(self) -> None:
        self._places: dict[UUID, int] = {}
        self._parts: dict[tuple[str, int], list[Received]] = defaultdict(list)
        self._readers: dict[str, list[Reader]] = defaultdict(list)

    def follow(self, topic: str, reader: Reader) -> None:
        self._readers[topic].append(reader)

    def append(self, service: str, row: LogRow) -> None:
        # by its turn and not by its value: what ids there are must not change what happens
        part = self._places.setdefault(row.key, len(self._places) % PARTITIONS)
        records = self._parts[row.topic, part]
        record = Record(row.topic, part, len(records), row.key.bytes, row.body)
        records.append(_received(service, row, record))
        for reader in self._readers[row.topic]:
            reader(row.topic, part)

    def read(self, topic: str, part: int, begin: int, most: int) -> list[Received]:
        return self._parts[topic, part][begin : begin + most]

    def end(self, topic: str, part: int) -> int:
        return len(self._parts[topic, part])


def _received(service: str, row: LogRow, record: Record) -> Received:
    """As the kernel reads it out of the headers that the relay has written."""
    is_fact = row.kind == "fact"
    return Received(
        cast("ConsumerRecord[bytes | None, bytes | None]", record),
        row.type,
        row.schema_version,
        row.message_id,
        row.stream_id if is_fact else row.message_id,
        row.version if is_fact else 1,
        f"/feira/{service}",
        row.tenant,
        row.correlation_id,
        row.causation_id,
        row.traceparent,
        row.recorded_at,
        row.occurred_at,
        1,
    )
