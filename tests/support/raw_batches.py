"""Batches as a stranger may send them and the client never would: a header's name of any bytes."""

from __future__ import annotations

import struct
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from tests.support.kafka_records import Sent

CRC_AT, CHECKED_FROM = 17, 21
"""Where a batch of Kafka's second format has its checksum, and from where on it is one."""


async def send_with_header_name(bootstrap: str, partition: int, name: bytes, *records: Sent) -> None:
    """In one batch; each gets one more header, with this name."""
    stand_in = "?" * len(name)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        batch: Any = producer.create_batch()
        for it in records:
            headers = [*it.headers, (stand_in, b"")]
            batch.append(key=it.key, value=it.value, timestamp=None, headers=headers)
        raw = bytearray(bytes(batch._build()).replace(stand_in.encode(), name))
        struct.pack_into(">I", raw, CRC_AT, calc_crc32c(bytes(raw[CHECKED_FROM:])))
        batch._buffer = raw
        await (await producer.send_batch(batch, records[0].topic, partition=partition))
