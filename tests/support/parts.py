"""The real PostgreSQL and Kafka alone, for tests of adapters that need no service."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from devstack import jars, ports
from devstack.kafka import EmbeddedKafka
from devstack.postgres import EmbeddedPostgres
from devstack.process import Process
from devstack.state_dir import StateDir
from devstack.topics import create_topics
from kernel.messaging.connection import KafkaConnection

READY_WITHIN = 120.0


class Parts:
    """A PostgreSQL server and a Kafka broker that a test may use and kill."""

    def __init__(self, home: Path, postgres: EmbeddedPostgres, kafka: EmbeddedKafka) -> None:
        self._home = home
        self._postgres_program, self._kafka_program = postgres.program(), kafka.program()
        self.postgres_superuser_url = postgres.url
        self.kafka_bootstrap = kafka.address
        self.postgres = Process(self._postgres_program, home)
        self.kafka = Process(self._kafka_program, home)

    async def start(self) -> None:
        self.postgres.start()
        self.kafka.start()
        await self.postgres.until_ready(READY_WITHIN)
        await self.kafka.until_ready(READY_WITHIN)

    async def stop(self) -> None:
        await asyncio.gather(self.kafka.stop(), self.postgres.stop())

    async def kill_kafka(self) -> None:
        """Kill the broker and leave it dead."""
        await self._kill(self.kafka)

    async def start_kafka(self, *, empty: bool = False) -> None:
        """Start the broker again after `kill_kafka`, optionally as a new one without its data."""
        if empty:
            shutil.rmtree(self._home / "kafka")
        self.kafka = Process(self._kafka_program, self._home)
        self.kafka.start()
        await self.kafka.until_ready(READY_WITHIN)

    async def kill_postgres(self) -> None:
        """Kill the server and leave it dead."""
        await self._kill(self.postgres)

    async def start_postgres(self) -> None:
        self.postgres = Process(self._postgres_program, self._home)
        self.postgres.start()
        await self.postgres.until_ready(READY_WITHIN)

    @staticmethod
    async def _kill(process: Process) -> None:
        process.kill()
        await process.stop()


@asynccontextmanager
async def running_parts(home: Path, *, topics: bool = True) -> AsyncIterator[Parts]:
    """Start both parts in an empty folder on free ports; with the stack's topics by default."""
    StateDir(home).prepare()
    port, controller, database = (ports.free() for _ in range(3))
    address = f"127.0.0.1:{port}"

    async def on_ready() -> None:
        if topics:
            await create_topics(KafkaConnection(address))

    kafka = EmbeddedKafka(home, port, controller, jars.ensure_downloaded(), on_ready)
    parts = Parts(home, EmbeddedPostgres(home, database, password="for-this-test-alone"), kafka)
    try:
        await parts.start()
        yield parts
    finally:
        await parts.stop()
