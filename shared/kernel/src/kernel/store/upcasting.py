"""Read facts that were stored by older versions of this code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.envelope import Fact
from contracts.topics import FACTS

Body = dict[str, Any]
Upcaster = Callable[[Body], Body]

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""(type, version) to what turns a body of that version into one of the next."""


def read_fact(
    kind: str,
    schema_version: int,
    body: bytes,
    stream_id: UUID,
    version: int,
    recorded_at: datetime,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> Fact:
    """The fact in today's shape. Raises ``KeyError`` for a type that nobody knows any more."""
    data = orjson.loads(body)
    return fact_from(kind, schema_version, data, stream_id, version, recorded_at, upcasters)


def fact_from(
    kind: str,
    schema_version: int,
    data: Body,
    stream_id: UUID,
    version: int,
    recorded_at: datetime,
    upcasters: Mapping[tuple[str, int], Upcaster] = UPCASTERS,
) -> Fact:
    """The same for a body that has been parsed already."""
    fact = FACTS[kind]
    for older in range(schema_version, fact.SCHEMA_VERSION):
        data = upcasters[kind, older](data)
    return fact.read(data, stream_id, version, recorded_at)
