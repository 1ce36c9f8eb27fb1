"""The records of one fetch, for several lanes: their envelopes are read once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from aiokafka import TopicPartition

from contracts.registry import MessageRegistry
from kernel.messaging.batch_consumer import Fetched
from kernel.messaging.deduplication import Received, Record, read_envelopes
from kernel.messaging.offsets import OffsetStore


class SharedBatch:
    def __init__(self, fetched: Fetched, messages: MessageRegistry) -> None:
        self._fetched = fetched
        self._messages = messages
        self._received: dict[TopicPartition, Received] = {}

    def rest(self, topics: Collection[str], offsets: OffsetStore) -> Fetched:
        """The records of these topics from the lane's offsets on."""
        rest = {
            partition: _from(offsets[partition].next_offset, records)
            for partition, records in self._fetched.items()
            if partition.topic in topics and partition in offsets
        }
        return {partition: records for partition, records in rest.items() if records}

    def received(self, selected: Fetched) -> Received:
        """``selected``: for each partition the last records of this batch."""
        readable, unreadable = [], []
        for partition, records in selected.items():
            if partition not in self._received:
                self._received[partition] = read_envelopes(self._fetched[partition], self._messages)
            begin = records[0].offset
            messages, dead_letters = self._received[partition]
            readable += [message for message in messages if message.record.offset >= begin]
            unreadable += [letter for letter in dead_letters if letter.record.offset >= begin]
        return readable, unreadable


def _from(begin: int, records: Sequence[Record]) -> Sequence[Record]:
    if records[0].offset >= begin:
        return records
    return [record for record in records if record.offset >= begin]
