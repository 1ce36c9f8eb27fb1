"""Ask a broker whether it answers, and see that it has every topic of the stack."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from cli.errors import StackError
from contracts.topology import TOPICS, Topic
from kernel.messaging.clients import KafkaAdmin
from kernel.messaging.connection import KafkaConnection

FOR_EVER = "-1"
COPIES = 3
TIME_LIMIT_SECONDS = 30.0


def wanted(brokers: int) -> list[NewTopic]:
    """Every topic of the topology, replicated to at most ``COPIES`` of the brokers.

    Uncompressed: the broker unpacks batches that a foreign producer has compressed, so that every client can
    read them, and none grows beyond the size that the broker has accepted.
    """
    return [
        NewTopic(
            it.name,
            it.partitions,
            min(COPIES, brokers),
            topic_configs={"retention.ms": _retention(it), "compression.type": "uncompressed"},
        )
        for it in TOPICS
    ]


def _retention(topic: Topic) -> str:
    """Milliseconds, as the broker's setting ``retention.ms``."""
    return FOR_EVER if topic.retention is None else str(topic.retention // timedelta(milliseconds=1))


async def answers(kafka: KafkaConnection) -> bool:
    """Whether the broker gives a client its metadata: an open port alone says little."""
    host, port = kafka.bootstrap.rsplit(":", 1)
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            async with _admin(kafka) as admin:
                return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False


async def create_topics(kafka: KafkaConnection) -> None:
    """Create what is missing; go on trying while the broker is not yet willing."""
    deadline = time.monotonic() + TIME_LIMIT_SECONDS
    while True:
        try:
            async with _admin(kafka) as admin:
                brokers = (await admin.describe_cluster())["brokers"]
                reply = await admin.create_topics(wanted(len(brokers)))
        except (KafkaError, OSError) as problem:
            failures = [f"{type(problem).__name__}: {problem}"]
        else:
            codes = {topic: for_code(code) for topic, code, *_ in reply.topic_errors if code}
            failures = [
                f"{it}: {why.__name__}" for it, why in codes.items() if why is not TopicAlreadyExistsError
            ]
        if not failures:
            return
        if time.monotonic() > deadline:
            raise StackError(f"No Kafka broker at {kafka.bootstrap} makes the topics ({failures[0]}).")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _admin(kafka: KafkaConnection) -> AsyncIterator[KafkaAdmin]:
    # the client logs each refused connection as an error, and here they are expected
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    admin = KafkaAdmin(request_timeout_ms=5000, **kafka.client_options())
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
