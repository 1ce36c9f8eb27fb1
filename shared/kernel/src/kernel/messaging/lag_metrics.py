"""The lag of a group in the partitions that this process reads, as metrics.

The values are made at the time of a scrape from what is known, so a consumer that has stopped, or that has no
answer from Kafka, does not show the lag of better days: the seconds grow, and the number becomes NaN.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiokafka import TopicPartition

from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.deduplication import Record
from kernel.messaging.offsets import Offset
from kernel.observability.metrics.consumers import LAG_MESSAGES, LAG_SECONDS

SILENCE_SECONDS = 10.0
"""Without an answer of the broker for so long, nothing is known of the partition's end: an empty fetch is
answered within a second."""


class KnownOffsets(Protocol):
    def __contains__(self, partition: TopicPartition) -> bool: ...

    def __getitem__(self, partition: TopicPartition) -> Offset: ...


@dataclass(slots=True)
class _Place:
    """What is known of one partition; times in seconds since 1970."""

    heard_at: float
    """When the broker last said where the partition ends."""
    end: int = 0
    next_offset: int = 0
    """Where the group was at the last observation."""
    waiting_since: float | None = None
    """When the record at ``next_offset`` came to Kafka, or if it has not been read yet, when it was first
    known of. None: there is none."""


class LagMetrics:
    def __init__(self, group: str, offsets: KnownOffsets, clock: Callable[[], float] = time.time) -> None:
        """``offsets``: of the group, as they are moved by each commit."""
        self._group = group
        self._offsets = offsets
        self._clock = clock
        self._places: dict[TopicPartition, _Place] = {}

    def observe(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Note the ends of these partitions, as ``consumer`` has last heard of them."""
        for partition in partitions:
            if partition not in self._offsets:
                continue
            place = self._places.get(partition) or self._track(partition)
            if heard_at := consumer.last_poll_timestamp(partition):
                place.heard_at = max(place.heard_at, heard_at / 1000)
            next_offset = self._offsets[partition].next_offset
            place.end = consumer.highwater(partition) or next_offset
            if place.end <= next_offset:
                place.waiting_since = None
            elif place.waiting_since is None or place.next_offset != next_offset:
                place.waiting_since = self._clock()
            place.next_offset = next_offset

    def read(self, fetched: Mapping[TopicPartition, Sequence[Record]]) -> None:
        """Note the times of the records that are about to be handled."""
        for partition, records in fetched.items():
            place = self._places.get(partition)
            if place and records and records[0].timestamp > 0 and records[0].offset >= place.next_offset:
                place.end = max(place.end, records[-1].offset + 1)
                place.waiting_since = records[0].timestamp / 1000

    def keep_only(self, partitions: Iterable[TopicPartition]) -> None:
        """The others are read by another member by now, whose metrics count."""
        for partition in self._places.keys() - set(partitions):
            del self._places[partition]
            for gauge in (LAG_MESSAGES, LAG_SECONDS):
                gauge.remove(self._group, partition.topic, partition.partition)

    def messages(self, partition: TopicPartition) -> float:
        place = self._places[partition]
        if self._clock() - place.heard_at > SILENCE_SECONDS:
            return math.nan
        return float(max(0, place.end - self._next_offset(partition)))

    def seconds(self, partition: TopicPartition) -> float:
        """Without an answer of the broker: at least as long as that."""
        place, now = self._places[partition], self._clock()
        since = place.waiting_since
        if (next_offset := self._next_offset(partition)) != place.next_offset:
            since = place.heard_at if next_offset < place.end else None
        waiting = 0.0 if since is None else max(0.0, now - since)
        silence = now - place.heard_at
        return max(waiting, silence) if silence > SILENCE_SECONDS else waiting

    def longest(self) -> float:
        """The largest of ``seconds``; NaN without partitions."""
        return max(map(self.seconds, self._places), default=math.nan)

    def _next_offset(self, partition: TopicPartition) -> int:
        """As the last commit has moved it."""
        known = partition in self._offsets
        return self._offsets[partition].next_offset if known else self._places[partition].next_offset

    def _track(self, partition: TopicPartition) -> _Place:
        self._places[partition] = place = _Place(heard_at=self._clock())
        labels = self._group, partition.topic, partition.partition
        LAG_MESSAGES.labels(*labels).set_function(lambda: self.messages(partition))
        LAG_SECONDS.labels(*labels).set_function(lambda: self.seconds(partition))
        return place
