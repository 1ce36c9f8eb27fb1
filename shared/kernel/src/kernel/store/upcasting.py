"""Read stored facts, of older versions, too, in today's shape."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import orjson

from contracts.envelope import Fact
from contracts.registry import Body, MessageRegistry


def read_fact(
    kind: str,
    schema_version: int,
    body: bytes,
    stream_id: UUID,
    version: int,
    recorded_at: datetime,
    messages: MessageRegistry,
) -> Fact:
    """The fact in today's shape. Raises ``KeyError`` for an unknown type or a missing upcaster."""
    return fact_from(kind, schema_version, orjson.loads(body), stream_id, version, recorded_at, messages)


def fact_from(
    kind: str,
    schema_version: int,
    data: Body,
    stream_id: UUID,
    version: int,
    recorded_at: datetime,
    messages: MessageRegistry,
) -> Fact:
    """The same for a body that has been parsed already."""
    fact = messages.facts[kind]
    for older in range(schema_version, fact.SCHEMA_VERSION):
        data = messages.upcasters[kind, older](data)
    return fact.read(data, stream_id, version, recorded_at)
