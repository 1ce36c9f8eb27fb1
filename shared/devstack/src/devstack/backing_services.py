"""PostgreSQL and Kafka as the settings choose them: embedded, in Docker, or external."""

import asyncio
import secrets
from collections.abc import Mapping

from cli.kafka import connection_to
from devstack import docker, jars, java, ports
from devstack.class_data_sharing import create_aot_cache
from devstack.kafka import EmbeddedKafka
from devstack.postgres import EmbeddedPostgres
from devstack.process_group import ProcessGroup
from devstack.report import Report
from devstack.settings import Settings
from devstack.state_dir import StateDir
from devstack.topics import create_topics

READY_TIMEOUT_SECONDS = 120.0


def new_password() -> str:
    return secrets.token_urlsafe(24)


class BackingServices:
    """PostgreSQL and Kafka of one stack: started before its services, stopped after them."""

    def __init__(self, settings: Settings, home: StateDir, crew: ProcessGroup, report: Report) -> None:
        self._settings = settings
        self._home = home
        self._group = crew
        self._report = report
        self._containers: list[docker.Container] = []

    async def start_postgres(self, port: Mapping[str, int]) -> str:
        """Start PostgreSQL, wait until it accepts connections, and return the URL of a role that may create
        databases."""
        match self._settings.postgres:
            case "embedded":
                password = self._home.secret("postgres", new_password)
                archive = self._settings.wal_archive
                server = EmbeddedPostgres(self._home.path, port["postgres"], password, archive)
                with self._report.phase("PostgreSQL"):
                    await self._group.start(server.program(), READY_TIMEOUT_SECONDS)
                return server.url
            case "docker":
                password = self._home.secret("postgres", new_password)
                with self._report.phase("PostgreSQL in Docker"):
                    container = await asyncio.to_thread(docker.start_postgres, port["postgres"], password)
                self._containers.append(container)
                return container.address
            case url:
                return url

    async def start_kafka(self, address: str, port: Mapping[str, int]) -> None:
        """Start Kafka, and return once the broker at ``address`` answers and has all topics."""
        kafka = connection_to(address, self._settings.environment)
        match self._settings.kafka:
            case "embedded":
                classpath = await asyncio.to_thread(jars.ensure_downloaded, self._report.fetched)
                if not java.aot_cache().exists():
                    with self._report.phase("Kafka's AOT cache, once per machine"):
                        await create_aot_cache(classpath)
                broker = EmbeddedKafka(
                    self._home.path,
                    port["kafka"],
                    ports.free(excluding=port.values()),
                    classpath,
                    on_ready=lambda: create_topics(kafka),
                )
                with self._report.phase("Apache Kafka"):
                    await self._group.start(broker.program(), READY_TIMEOUT_SECONDS)
            case "docker":
                with self._report.phase("Apache Kafka in Docker"):
                    container = await asyncio.to_thread(docker.start_kafka, port["kafka"])
                    self._containers.append(container)
                    await create_topics(kafka)
            case _:
                await create_topics(kafka)

    async def stop(self) -> None:
        for container in self._containers:
            await asyncio.to_thread(container.stop)
