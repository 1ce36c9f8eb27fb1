"""What `feira verify` reads, where it is odd or not there."""

from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from rich.console import Console

from cli.database import connected
from cli.errors import StackError
from devstack import ports
from kernel.messaging.connection import KafkaConnection
from tests.support.kafka_records import received_stock, send
from tests.support.parts import Parts
from tests.support.raw_batches import send_with_header_name
from verify.dataset.dataset import open_dataset
from verify.dataset.topics import copy_topics, open_topics
from verify.progress import Progress


async def test_records_are_read_in_pages_and_behind_what_the_client_cannot_decode(parts: Parts) -> None:
    shelf = uuid4()
    facts = [received_stock(shelf, version) for version in range(1, 8)]
    async with open_topics(KafkaConnection(parts.kafka_bootstrap)) as source:
        before = await source.bounds()
        await send(parts.kafka_bootstrap, *facts)
        bounds = await source.bounds()
        home = next(it for it, at in bounds.items() if at != before[it])
        await send_with_header_name(parts.kafka_bootstrap, home.partition, b"\xff", facts[0])
        await send(parts.kafka_bootstrap, received_stock(shelf, 8))
        with open_dataset() as found, Progress(Console(quiet=True)) as progress:
            with progress.counting("the topics", 1) as counter:
                await copy_topics(source, await source.bounds(), found, counter, page=3)
            ours = found.sql.execute(
                "SELECT kind, version, message_id FROM record"
                " WHERE topic = ? AND part = ? AND off >= ? ORDER BY off",
                (*TopicPartition(*home), before[home][1]),
            ).fetchall()
    assert [it["version"] for it in ours] == [1, 2, 3, 4, 5, 6, 7, None, 8]
    assert (ours[7]["kind"], ours[7]["message_id"]) == ("unreadable", "undecodable")


async def test_a_broker_or_database_that_is_down_is_one_sentence() -> None:
    closed_port = f"127.0.0.1:{ports.free()}"
    with pytest.raises(StackError, match=f"^Kafka at {closed_port} does not answer"):
        async with open_topics(KafkaConnection(closed_port)):
            pass
    with pytest.raises(StackError, match=r"^The database of cart does not answer"):
        async with connected("cart", f"postgresql://nobody@{closed_port}/cart"):
            pass
