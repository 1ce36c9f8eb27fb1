"""Kafka batches that the client would not send: a header's name of any bytes."""

from __future__ import annotations

import struct
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from tests.support.kafka_records import Sent

CRC_AT, CHECKED_FROM, RECORDS_FROM = 17, 21, 61
"""Positions in a batch of Kafka's format 2: its checksum, where the checked part begins, its first record."""


async def send_with_header_name(bootstrap: str, partition: int, name: bytes, *records: Sent) -> None:
    """Send the records in one batch, each with one more header of this name."""
    stand_in = "?" * len(name)
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        batch: Any = producer.create_batch()
        for it in records:
            headers = [*it.headers, (stand_in, b"")]
            batch.append(key=it.key, value=it.value, timestamp=None, headers=headers)
        built = bytes(batch._build())
        # with its length before it and that of its value behind it: a lone byte may be part of the time
        length = bytes([2 * len(name)])
        written, meant = length + stand_in.encode() + b"\x00", length + name + b"\x00"
        raw = bytearray(built[:RECORDS_FROM] + built[RECORDS_FROM:].replace(written, meant))
        struct.pack_into(">I", raw, CRC_AT, calc_crc32c(bytes(raw[CHECKED_FROM:])))
        batch._buffer = raw
        await (await producer.send_batch(batch, records[0].topic, partition=partition))
