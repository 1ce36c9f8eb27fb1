"""Checkouts for tests: send commands to the offer service and collect the facts that it publishes."""

from __future__ import annotations

import asyncio
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

WAIT_SECONDS = 30.0
SAGA = b"/feira/checkout-saga"


class Published(NamedTuple):
    type: str
    key: UUID
    body: dict[str, Any]

    @property
    def checkout_id(self) -> UUID | None:
        checkout_id = self.body.get("checkout_id")
        return UUID(checkout_id) if checkout_id else None


class Checkouts:
    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._arrived = asyncio.Condition()
        self.published: list[Published] = []

    async def send(self, *commands: Command) -> None:
        """Send each command as a message of its own. A repeated command is a new message."""
        for command in commands:
            await self._send(command, _row(command, kind="command", key=command.process_id))
        await self._producer.flush()

    async def record(self, *facts: Fact) -> None:
        """Publish facts of the checkout service."""
        for fact in facts:
            await self._send(fact, _row(fact, kind="fact", key=fact.originator_id))
        await self._producer.flush()

    async def _send(self, message: Command | Fact, row: dict[str, Any]) -> None:
        key, headers = str(row["key"]).encode(), headers_of(row, SAGA, b"1")
        await self._producer.send(TOPIC_OF[message.TYPE], message.body(), key=key, headers=headers)

    async def until(self, matches: Callable[[Published], bool], count: int = 1) -> list[Published]:
        """The first ``count`` facts that match, waiting for them; includes facts that arrived before."""
        async with asyncio.timeout(WAIT_SECONDS), self._arrived:
            while len(found := [it for it in self.published if matches(it)]) < count:
                await self._arrived.wait()
        return found

    async def listen(self, consumer: AIOKafkaConsumer) -> None:
        async for record in consumer:
            headers = {name: value.decode() for name, value in record.headers}
            async with self._arrived:
                self.published.append(
                    Published(headers["ce_type"], UUID(headers["ce_subject"]), orjson.loads(record.value))
                )
                self._arrived.notify_all()


def _row(message: Command | Fact, *, kind: str, key: UUID) -> dict[str, Any]:
    return {
        "message_id": uuid4(),
        "kind": kind,
        "type": message.TYPE,
        "schema_version": message.SCHEMA_VERSION,
        "key": key,
        "version": message.originator_version if isinstance(message, Fact) else None,
        "tenant": "demo",
        "correlation_id": "correlation",
        "causation_id": "cause",
        "traceparent": None,
        "recorded_at": datetime.now(UTC),
        "occurred_at": None,
    }


@asynccontextmanager
async def connected(bootstrap: str) -> AsyncIterator[Checkouts]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True)
    consumer = AIOKafkaConsumer("offer.events", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await producer.start()
    await consumer.start()
    checkouts = Checkouts(producer)
    listening = asyncio.create_task(checkouts.listen(consumer))
    try:
        yield checkouts
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await consumer.stop()
        await producer.stop()
