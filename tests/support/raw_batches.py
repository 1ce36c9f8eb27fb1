"""Batches as a stranger may send them and the client never would: a header's name of any bytes."""

from __future__ import annotations

import struct
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

from tests.support.kafka_records import Sent

CRC_AT, CHECKED_FROM, RECORDS_FROM = 17, 21, 61
"""Where a batch of Kafka's second format has its checksum, from where on it is one, and its first record."""


async def send_with_header_name(bootstrap: str, partition: int, name: bytes, *records: Sent) -> None:
    """In one batch; each gets one more header, with this name."""
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
