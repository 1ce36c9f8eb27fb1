"""A client in place of the other services: sends facts and commands to the cart, and reads the cart's
facts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from contracts.envelope import Command, Fact
from contracts.topics import TOPIC_OF
from kernel.messaging.headers import headers_of

WAIT_SECONDS = 20.0


class Published(NamedTuple):
    """A fact of the cart service."""

    type: str
    key: UUID
    version: int
    tenant: str
    body: dict[str, Any]


class KafkaClient:
    def __init__(self, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
        self._producer = producer
        self._consumer = consumer
        self._versions: Counter[UUID] = Counter()
        self._arrived = asyncio.Condition()
        self.published: list[Published] = []

    async def publish(self, kind: type[Fact], stream: UUID, tenant: str = "demo", **fields: Any) -> None:
        """Send the next fact of another service's stream."""
        self._versions[stream] += 1
        version = self._versions[stream]
        fact = kind(originator_id=stream, originator_version=version, timestamp=datetime.now(UTC), **fields)
        await self._send("fact", fact, stream, version, tenant)

    async def send(self, command: Command, key: UUID, tenant: str = "demo") -> None:
        await self._send("command", command, key, 1, tenant)

    async def wait_for(self, matches: Callable[[Published], bool], count: int = 1) -> Published:
        """The ``count``-th fact of the cart service that matches."""
        async with asyncio.timeout(WAIT_SECONDS), self._arrived:
            while len(found := [fact for fact in self.published if matches(fact)]) < count:
                await self._arrived.wait()
        return found[count - 1]

    async def read(self) -> None:
        async for record in self._consumer:
            headers = {name: value.decode() for name, value in record.headers}
            key, version = UUID(headers["ce_subject"]), int(headers["ce_version"])
            body = orjson.loads(record.value)
            async with self._arrived:
                self.published.append(Published(headers["ce_type"], key, version, headers["ce_tenant"], body))
                self._arrived.notify_all()

    async def _send(self, kind: str, message: Fact | Command, key: UUID, version: int, tenant: str) -> None:
        row = {
            "message_id": uuid4(),
            "kind": kind,
            "type": message.TYPE,
            "schema_version": message.SCHEMA_VERSION,
            "key": key,
            "version": version,
            "tenant": tenant,
            "correlation_id": "correlation",
            "causation_id": "cause",
            "traceparent": None,
            "recorded_at": datetime.now(UTC),
            "occurred_at": None,
        }
        headers = headers_of(row, b"/feira/test", b"1")
        await self._producer.send_and_wait(
            TOPIC_OF[message.TYPE], message.body(), key=str(key).encode(), headers=headers
        )


@asynccontextmanager
async def connected(bootstrap: str) -> AsyncIterator[KafkaClient]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    consumer = AIOKafkaConsumer("cart.events", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await producer.start()
    await consumer.start()
    kafka = KafkaClient(producer, consumer)
    reading = asyncio.create_task(kafka.read())
    try:
        yield kafka
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await consumer.stop()
        await producer.stop()
