"""PostgreSQL and Kafka in Docker containers (FEIRA_POSTGRES=docker, FEIRA_KAFKA=docker)."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from cli.errors import StackError

POSTGRES_IMAGE = "postgres:18-alpine"
KAFKA_IMAGE = "apache/kafka-native:4.3.1"
KAFKA_PORT = 9092


class Container(NamedTuple):
    """A running container: its address, and a function that stops and removes it."""

    address: str
    stop: Callable[[], Any]


def start_postgres(port: int, password: str) -> Container:
    try:
        from testcontainers.community.postgres import (
            PostgresContainer,
        )  # imported on demand: Docker is optional

        container = PostgresContainer(POSTGRES_IMAGE, username="postgres", password=password, driver=None)
        container.with_bind_ports(5432, port).start()
        return Container(container.get_connection_url(), container.stop)
    except Exception as problem:  # testcontainers passes on any exception of the Docker client
        raise _docker_error("FEIRA_POSTGRES", problem) from None


def start_kafka(port: int) -> Container:
    """Run one broker that advertises the host's address to its clients."""
    try:
        from testcontainers.core.container import DockerContainer  # imported on demand: Docker is optional

        container = (
            DockerContainer(KAFKA_IMAGE)
            .with_bind_ports(KAFKA_PORT, port)
            .with_env("KAFKA_NODE_ID", "1")
            .with_env("KAFKA_PROCESS_ROLES", "broker,controller")
            .with_env("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093")
            .with_env("KAFKA_LISTENERS", f"PLAINTEXT://:{KAFKA_PORT},CONTROLLER://:9093")
            .with_env("KAFKA_ADVERTISED_LISTENERS", f"PLAINTEXT://127.0.0.1:{port}")
            .with_env("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT")
            .with_env("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER")
            .with_env("KAFKA_INTER_BROKER_LISTENER_NAME", "PLAINTEXT")
            .with_env("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1")
            .with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .with_env("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0")
        )
        container.start()
        return Container(f"127.0.0.1:{port}", container.stop)
    except Exception as problem:  # testcontainers passes on any exception of the Docker client
        raise _docker_error("FEIRA_KAFKA", problem) from None


def _docker_error(setting: str, problem: Exception) -> StackError:
    words = str(problem).splitlines() or [type(problem).__name__]
    host = os.environ.get("DOCKER_HOST", "its usual socket")
    return StackError(
        f"{setting}=docker needs a running Docker, and none could be used at {host} ({words[0][:200]}); "
        f"start Docker, or unset {setting} to use the embedded server."
    )
