"""Upcasting: read stored facts of any schema version as the current one."""

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
    """The fact in the current schema version. Raises ``KeyError`` without a known type or an upcaster."""
    fact = messages.facts[kind]
    if schema_version >= fact.SCHEMA_VERSION:
        return fact.read_json(body, stream_id, version, recorded_at)
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
    for older_version in range(schema_version, fact.SCHEMA_VERSION):
        data = messages.upcasters[kind, older_version](data)
    return fact.read(data, stream_id, version, recorded_at)
