"""Ask a broker whether it answers, and see that it has every topic of the stack."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka.admin import NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from cli.stack.errors import StackError
from kernel.messaging.clients import KafkaAdmin

SERVICES = ("cart", "offer", "checkout")
PARTITIONS = 6
FOR_EVER = "-1"
SEVEN_DAYS = str(7 * 24 * 60 * 60 * 1000)
TIME_LIMIT_SECONDS = 30.0


def wanted(brokers: int) -> list[NewTopic]:
    """Facts are kept for ever, commands for seven days, in three copies where there are as many brokers.

    The broker unpacks what a stranger has compressed: what it stores, every client can read, and in the size
    that it has allowed.
    """
    kept = {"events": FOR_EVER, "commands": SEVEN_DAYS}
    return [
        NewTopic(
            f"{service}.{kind}",
            PARTITIONS,
            min(3, brokers),
            topic_configs={"retention.ms": retention, "compression.type": "uncompressed"},
        )
        for service in SERVICES
        for kind, retention in kept.items()
    ]


async def answers(address: str) -> bool:
    """Whether the broker gives a client its metadata: an open port alone says little."""
    host, port = address.rsplit(":", 1)
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            async with _admin(address) as admin:
                return bool((await admin.describe_cluster())["brokers"])
    except (KafkaError, OSError, TimeoutError):
        return False


async def create_topics(address: str) -> None:
    """Create what is missing; go on trying while the broker is not yet willing."""
    deadline = time.monotonic() + TIME_LIMIT_SECONDS
    while True:
        try:
            async with _admin(address) as admin:
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
            raise StackError(f"No Kafka broker at {address} makes the topics ({failures[0]}).")
        await asyncio.sleep(0.2)


@asynccontextmanager
async def _admin(address: str) -> AsyncIterator[KafkaAdmin]:
    # the client logs each refused connection as an error, and here they are expected
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    admin = KafkaAdmin(bootstrap_servers=address, request_timeout_ms=5000)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
