"""Handle the records that a member of a group has fetched, batch by batch, each with its offsets in one
commit.

Polling, membership and rebalances are ``Consumer``'s. The simulation runs this class on a broker and a
database in memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

import structlog
from aiokafka import TopicPartition

from kernel import waiting
from kernel.errors import OffsetFenced
from kernel.messaging.batch import Batch, Guard, Handler
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.deduplication import Received, Record, newest_generation, read_envelopes
from kernel.messaging.lag_metrics import LagMetrics
from kernel.messaging.offsets import Offset, OffsetStore
from kernel.messaging.own_streams import OwnStreams
from kernel.messaging.transient import is_conflict, is_transient
from kernel.observability.metrics.consumers import BATCH_DURATION, RECORDS
from kernel.observability.metrics.declaring import Part, expose
from kernel.store.event_store import EventStore

LOG = structlog.get_logger()
MAX_CONFLICTS = 10
"""After so many conflicts in a row the batch is searched for a record that always conflicts."""

Fetched = Mapping[TopicPartition, Sequence[Record]]


class BatchConsumer:
    def __init__(
        self,
        group: str,
        handlers: Sequence[Handler],
        store: EventStore,
        guard: Guard | None = None,
        *,
        selective: bool = False,
    ) -> None:
        """``selective``: see ``own_streams``."""
        expose(Part.CONSUMER)
        types = (type_ for each in handlers for type_ in each.types) if selective else ()
        self._own_streams = OwnStreams(types, store.messages) if selective else None
        self._group = group
        self._handlers = handlers
        self._store = store
        self._guard = guard
        self._conflicts = 0
        self.offsets = OffsetStore(group, store.pool)
        self.lag = LagMetrics(group, self.offsets)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Forget the offsets of partitions that may be another member's by now."""
        self.offsets.forget(partitions)

    def observe_lag(self, consumer: KafkaConsumer) -> None:
        assigned = consumer.assignment()
        self.lag.keep_only(assigned)
        self.lag.observe(consumer, assigned)

    async def new_offsets(self, consumer: KafkaConsumer, fetched: Fetched) -> dict[TopicPartition, Offset]:
        """The offset of each partition after these records. Where the relay has started again, the group
        rereads the partition from its beginning: the broker's records have changed."""
        new_offsets: dict[TopicPartition, Offset] = {}
        for partition, records in fetched.items():
            current = self.offsets[partition]
            newest = newest_generation(records, current.generation, self._store.messages)
            if current.generation and newest > current.generation:
                begin = (await consumer.beginning_offsets([partition]))[partition]
                LOG.warning("partition_restarted", group=self._group, partition=str(partition))
                await self.offsets.reset(consumer, partition, begin, newest)
            else:
                new_offsets[partition] = Offset(records[-1].offset + 1, newest)
        return new_offsets

    async def handle(
        self,
        consumer: KafkaConsumer,
        fetched: Fetched,
        new_offsets: Mapping[TopicPartition, Offset],
        received: Received | None = None,
    ) -> None:
        """Handle and commit the records, or seek back to the offsets before them after a transient error.

        ``received``: the same records, if their envelopes have been read already. Raises other errors, and
        ``OffsetFenced`` if another member has moved the group's offsets.
        """
        self.lag.read(fetched)
        retries = self._conflicts < MAX_CONFLICTS
        batch = Batch(
            self._group, self._handlers, self._store, self.offsets, new_offsets, self._guard, retries
        )
        own = self._own_streams
        if received is None:
            records = [record for partition in fetched.values() for record in partition]
            received = read_envelopes(own.records(records) if own else records, self._store.messages)
        elif own:
            received = own.received(received)
        began = time.perf_counter()
        try:
            await batch.handle(received)
        except Exception as error:
            self._seek_back(consumer, fetched)
            self._conflicts += is_conflict(error)
            if not is_transient(error) or isinstance(error, OffsetFenced):
                raise
            LOG.warning("batch_retried", group=self._group, error=repr(error))
            await waiting.jitter(0.005, 0.1)
        else:
            BATCH_DURATION.labels(self._group).observe(time.perf_counter() - began)
            had = sum(len(it) for it in fetched.values())
            if left_out := had - sum(len(it) for it in received):
                RECORDS.labels(self._group, "skipped").inc(left_out)
            self.offsets.committed(new_offsets)
            self._conflicts = 0

    def _seek_back(self, consumer: KafkaConsumer, partitions: Iterable[TopicPartition]) -> None:
        for partition in partitions:
            if partition in consumer.assignment():
                consumer.seek(partition, self.offsets[partition].next_offset)
