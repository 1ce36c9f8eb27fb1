"""The lag of a group tells the truth also while its consumer stands still or Kafka does not answer."""

from __future__ import annotations

import math
from typing import cast
from uuid import uuid4

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from prometheus_client import REGISTRY

from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.lag_metrics import SILENCE_SECONDS, LagMetrics
from kernel.messaging.offsets import Offset

PARTITION = TopicPartition("cart.events", 3)
START = 1_800_000_000.0


class Broker:
    """What the client knows of one partition."""

    def __init__(self) -> None:
        self.now = self.answered_at = START
        self.end = 0

    def highwater(self, _partition: TopicPartition) -> int:
        return self.end

    def last_poll_timestamp(self, _partition: TopicPartition) -> float:
        return self.answered_at * 1000


class Reader:
    def __init__(self) -> None:
        self.broker = Broker()
        self.group = f"group-{uuid4()}"
        self.offsets = {PARTITION: Offset(0, 1)}
        self.lag = LagMetrics(self.group, self.offsets, lambda: self.broker.now)

    def look(self, seconds: float = 0.0, end: int | None = None, *, answered: bool = True) -> None:
        """A step of the consumer, after so many seconds."""
        self.broker.now += seconds
        self.broker.end = self.broker.end if end is None else end
        if answered:
            self.broker.answered_at = self.broker.now
        self.lag.observe(cast(KafkaConsumer, self.broker), [PARTITION])

    def commit(self, next_offset: int) -> None:
        self.offsets[PARTITION] = Offset(next_offset, 1)

    def exported(self) -> tuple[float | None, float | None]:
        labels = {"group": self.group, "topic": PARTITION.topic, "partition": str(PARTITION.partition)}
        names = "feira_consumer_lag_messages", "feira_consumer_lag_seconds"
        messages, seconds = (REGISTRY.get_sample_value(name, labels) for name in names)
        return messages, seconds


@pytest.fixture
def reader() -> Reader:
    from kernel.observability.metrics.declaring import Part, expose

    expose(Part.CONSUMER)
    return Reader()


def record(offset: int, published: float) -> ConsumerRecord[bytes | None, bytes | None]:
    milliseconds = int(published * 1000)
    return ConsumerRecord(PARTITION.topic, 3, offset, milliseconds, 0, b"", b"", None, 0, 0, ())


def test_a_group_that_has_handled_everything_has_no_lag(reader: Reader) -> None:
    reader.commit(7)
    reader.look(end=7)
    assert reader.exported() == (0, 0)


def test_the_age_of_a_record_counts_from_its_publication_as_soon_as_it_is_read(reader: Reader) -> None:
    reader.look(end=5)
    reader.lag.read({PARTITION: [record(0, START - 3600), record(1, START)]})
    assert reader.exported() == (5, 3600)
    reader.look(seconds=1)
    assert reader.exported() == (5, 3601), "the batch has not been committed"
    reader.commit(2)
    assert reader.exported() == (3, 0), "of the next record it is only known that it is there"
    reader.lag.read({PARTITION: [record(2, START - 60)]})
    reader.look(seconds=1)
    reader.lag.read({PARTITION: [record(2, START - 60)]})
    assert reader.exported() == (3, 62)


def test_the_age_of_a_record_that_is_not_read_yet_counts_from_when_it_was_seen(reader: Reader) -> None:
    reader.look(end=2)
    reader.look(seconds=4, end=9)
    assert reader.exported() == (9, 4)
    reader.commit(9)
    assert reader.exported() == (0, 0)


def test_a_consumer_that_has_stopped_shows_growing_seconds_and_no_number(reader: Reader) -> None:
    reader.look(end=0)
    reader.broker.now += SILENCE_SECONDS + 50
    messages, seconds = reader.exported()
    assert math.isnan(messages or 0)
    assert seconds == SILENCE_SECONDS + 50


def test_the_lag_grows_while_kafka_does_not_answer(reader: Reader) -> None:
    reader.look(end=0)
    for _ in range(100):
        reader.look(seconds=1, answered=False)
    messages, seconds = reader.exported()
    assert (math.isnan(messages or 0), seconds) == (True, 100)
    reader.look()
    assert reader.exported() == (0, 0)


def test_a_partition_that_another_member_reads_is_not_exported_any_more(reader: Reader) -> None:
    reader.look(end=3)
    reader.lag.keep_only([])
    assert reader.exported() == (None, None)
    assert math.isnan(reader.lag.longest())
