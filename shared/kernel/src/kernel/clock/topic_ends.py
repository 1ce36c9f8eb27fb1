"""The ends of topics, read many times over one connection to the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from kernel.clock.state import Ends
from kernel.messaging.clients import KafkaConsumer
from kernel.messaging.connection import KafkaConnection


class TopicEnds:
    def __init__(self, kafka: KafkaConnection) -> None:
        self._kafka = kafka
        self._client: KafkaConsumer | None = None
        self._lock = asyncio.Lock()

    async def read(self, partitions: Iterable[tuple[str, int]]) -> Ends:
        """The offset of each partition's next record. Raises ``OSError`` if the broker does not answer."""
        wanted = {TopicPartition(*it) for it in partitions}
        if not wanted:
            return {}
        async with self._lock:
            try:
                found = await (await self._started()).end_offsets(list(wanted))
            except KafkaError as error:
                await self.close()
                raise OSError(f"the broker does not answer: {error!r}") from error
        return {(it.topic, it.partition): end for it, end in found.items()}

    async def _started(self) -> KafkaConsumer:
        if self._client is None:
            self._client = KafkaConsumer(request_timeout_ms=10_000, **self._kafka.client_options())
            await self._client.start()
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(KafkaError):
                await client.stop()
