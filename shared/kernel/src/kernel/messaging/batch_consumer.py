"""Handle what a group's member has fetched: from its own offsets on, batch by batch, until it is committed.

It knows nothing of polling, membership or rebalances, which are ``Consumer``'s; the simulation runs it on a
broker and a database in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import structlog
from aiokafka import TopicPartition

from kernel import waiting
from kernel.errors import OffsetFenced
from kernel.messaging.batch import Batch, Guard, Handler
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.deduplication import Record, newest_generation
from kernel.messaging.offsets import Offset, OffsetStore
from kernel.messaging.transient import is_conflict, is_transient
from kernel.store.event_store import EventStore

LOG = structlog.get_logger()
MAX_CONFLICTS = 10
"""Conflicts in a row before the batch is searched for a record that will always conflict."""

Found = Mapping[TopicPartition, Sequence[Record]]


class BatchConsumer:
    def __init__(
        self, group: str, handlers: Sequence[Handler], store: EventStore, guard: Guard | None = None
    ) -> None:
        self._group = group
        self._handlers = handlers
        self._store = store
        self._guard = guard
        self._conflicts = 0
        self.places = OffsetStore(group, store.pool)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """They may be another member's by now."""
        self.places.forget(partitions)

    async def reached(self, consumer: KafkaConsumer, found: Found) -> dict[TopicPartition, Offset]:
        """The place of each partition after these records. Where the relay has started again, the group reads
        the partition from its beginning: the records behind its offset may be others now."""
        reached: dict[TopicPartition, Offset] = {}
        for partition, records in found.items():
            here = self.places[partition]
            newest = newest_generation(records, here.generation, self._store.messages)
            if here.generation and newest > here.generation:
                begin = (await consumer.beginning_offsets([partition]))[partition]
                LOG.warning("partition_restarted", group=self._group, partition=str(partition))
                await self.places.reset(consumer, partition, begin, newest)
            else:
                reached[partition] = Offset(records[-1].offset + 1, newest)
        return reached

    async def handle(
        self, consumer: KafkaConsumer, found: Found, reached: Mapping[TopicPartition, Offset]
    ) -> None:
        """Handle and commit the records, or go back to the places before them after what passes by itself.

        Raises what does not pass, and ``OffsetFenced`` where another member has moved the group's offsets.
        """
        retries = self._conflicts < MAX_CONFLICTS
        batch = Batch(self._group, self._handlers, self._store, self.places, reached, self._guard, retries)
        records = [record for part in found.values() for record in part]
        try:
            await batch.handle(records)
        except Exception as error:
            self._return_to_places(consumer, found)
            self._conflicts += is_conflict(error)
            if not is_transient(error) or isinstance(error, OffsetFenced):
                raise
            LOG.warning("batch_retried", group=self._group, error=repr(error))
            await waiting.jitter(0.005, 0.1)
        else:
            self.places.reached(reached)
            self._conflicts = 0

    def _return_to_places(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            if partition in consumer.assignment():
                consumer.seek(partition, self.places[partition].next_offset)
