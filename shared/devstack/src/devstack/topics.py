"""Ask a broker whether it answers, and see that it has every topic of the stack."""

import asyncio
import time

from cli.errors import StackError
from cli.topics import OUTAGES, admin_client, create_missing
from kernel.messaging.connection import KafkaConnection

TIME_LIMIT_SECONDS = 30.0


async def answers(kafka: KafkaConnection) -> bool:
    """Whether the broker gives a client its metadata: an open port alone says little."""
    host, port = kafka.bootstrap.rsplit(":", 1)
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            async with admin_client(kafka) as admin:
                return bool((await admin.describe_cluster())["brokers"])
    except OUTAGES:
        return False


async def create_topics(kafka: KafkaConnection) -> None:
    """Create what is missing; go on trying while the broker is not yet willing."""
    deadline = time.monotonic() + TIME_LIMIT_SECONDS
    while True:
        try:
            await create_missing(kafka)
        except OUTAGES as problem:
            if time.monotonic() > deadline:
                why = f"{type(problem).__name__}: {problem}"
                raise StackError(f"No Kafka broker at {kafka.bootstrap} makes the topics ({why}).") from None
            await asyncio.sleep(0.2)
        else:
            return
