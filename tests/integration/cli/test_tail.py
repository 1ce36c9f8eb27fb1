"""`feira events tail` shows the records of the topics, from any sender."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from cli.tail import Tail
from contracts.topology import PARTITIONS
from kernel.messaging.connection import KafkaConnection
from tests.support.kafka_records import received_stock, send
from tests.support.parts import Parts, running_parts
from tests.support.raw_batches import send_with_header_name

TOPIC = "offer.events"


@pytest.fixture(scope="module")
async def parts(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Parts]:
    async with running_parts(tmp_path_factory.mktemp("tailing")) as parts:
        yield parts


async def test_a_record_that_cannot_be_decoded_hides_none_of_the_others(parts: Parts) -> None:
    before, behind = ([received_stock(uuid4(), 1) for _ in range(20)] for _ in range(2))
    await send(parts.kafka_bootstrap, *before)
    for partition in range(PARTITIONS):
        await send_with_header_name(parts.kafka_bootstrap, partition, b"\xff\xfe", received_stock(uuid4(), 1))
    await send(parts.kafka_bootstrap, *behind)

    read = Tail(KafkaConnection(parts.kafka_bootstrap), (TOPIC,)).read(1000, follow=False)
    found = [it async for it in read]

    assert {it.key.encode() for it in found if it.key} == {it.key for it in [*before, *behind]}
    assert sum(not it.headers for it in found) == PARTITIONS
    assert len(found) == 40 + PARTITIONS
