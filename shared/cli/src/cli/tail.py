"""Read the latest messages of Kafka topics, and follow them, without a consumer group."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from rich.text import Text

from cli.errors import StackError
from cli.kafka_client_log import keep_errors, reason_of
from cli.output import escape_control
from kernel.instants import text_of
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection
from kernel.messaging.undecodable import fetch

POLL_MS = 200
MAX_RECORDS = 1000
MAX_BODY_CHARACTERS = 200


@dataclass(frozen=True)
class Message:
    """One record. ``headers`` are its decoded Kafka headers."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: Mapping[str, str]
    value: bytes
    published_at: str = ""

    @property
    def recorded_at(self) -> str:
        """The recording time; for a foreign record without the header, the time of its publication."""
        return self.headers.get("ce_recordedtime", self.published_at)

    def as_json(self) -> dict[str, Any]:
        location = {"topic": self.topic, "partition": self.partition, "offset": self.offset, "key": self.key}
        return {**location, "headers": dict(self.headers), "body": _parsed(self.value)}

    def as_line(self) -> Text:
        type_, tenant = self.headers.get("ce_type", "?"), self.headers.get("ce_tenant", "?")
        version = f"v{self.headers['ce_version']}" if "ce_version" in self.headers else "command"
        body = self.value.decode(errors="replace")[:MAX_BODY_CHARACTERS]
        occurred = self.headers.get("ce_time", "")
        return Text.assemble(
            (escape_control(f"{self.recorded_at[:23]} "), "dim"),
            (f"{self.topic} ", "cyan"),
            (escape_control(f"{type_} "), "bold"),
            escape_control(f"{self.key} {version} {tenant} "),
            (escape_control(f"of {occurred[:10]} ") if occurred != self.recorded_at else "", "yellow"),
            (escape_control(body), "dim"),
        )


def to_message(record: "ConsumerRecord[bytes | None, bytes | None]") -> Message:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    key = (record.key or b"").decode(errors="replace")
    published = text_of(datetime.fromtimestamp(max(0, record.timestamp) / 1000, UTC))
    return Message(
        record.topic, record.partition, record.offset, key, headers, record.value or b"", published
    )


def latest(messages: Iterable[Message], limit: int) -> list[Message]:
    """The last ``limit`` messages of all partitions, in order of recording."""
    ordered = sorted(messages, key=lambda it: it.recorded_at)
    return ordered[max(0, len(ordered) - limit) :]


class Tail:
    """Reads the end of some topics."""

    def __init__(self, kafka: KafkaConnection, topics: tuple[str, ...]) -> None:
        self._kafka = kafka
        self._topics = topics

    async def read(self, limit: int, *, follow: bool) -> AsyncIterator[Message]:
        """Yield the latest ``limit`` messages; with ``follow`` also all later ones, without end. Raises
        ``StackError``."""
        keep_errors()
        consumer = KafkaConsumer(*self._topics, enable_auto_commit=False, **self._kafka.client_options())
        try:
            await consumer.start()
            ends = await _seek(consumer, limit)
            for message in latest(await _up_to(consumer, ends), limit):
                yield message
            while follow:
                for message in await _batch(consumer):
                    yield message
        except UnknownTopicOrPartitionError:
            raise StackError(f"Not all of these topics exist: {', '.join(self._topics)}.") from None
        except (KafkaError, OSError) as trouble:
            where = self._kafka.bootstrap
            raise StackError(f"Kafka at {where} does not answer ({reason_of(trouble)}).") from None
        finally:
            await consumer.stop()


async def _seek(consumer: KafkaConsumer, limit: int) -> dict[TopicPartition, int]:
    """Seek to the last ``limit`` records of each partition. Returns the end offsets of partitions with
    records."""
    parts = list(consumer.assignment())
    begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    starts = {part: max(begins[part], ends[part] - limit) for part in parts}
    for part, start in starts.items():
        consumer.seek(part, start)
    return {part: end for part, end in ends.items() if end > starts[part]}


async def _up_to(consumer: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> list[Message]:
    found: list[Message] = []
    while any([await consumer.position(part) < end for part, end in ends.items()]):
        found += await _batch(consumer)
    return found


async def _batch(consumer: KafkaConsumer) -> list[Message]:
    offsets = {it: await consumer.position(it) for it in consumer.assignment()}
    batches = await fetch(consumer, offsets, POLL_MS, MAX_RECORDS)
    return latest((to_message(it) for batch in batches.values() for it in batch), limit=1 << 60)


def _parsed(value: bytes) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value.decode(errors="replace")
