"""The envelope of a message on Kafka: CloudEvents 1.0, binary mode, with Feira's extensions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from asyncpg.pgproto import pgproto

from kernel.instants import text_of

Header = tuple[str, bytes]
Headers = list[Header]
GENERATION = "feira_generation"
NUL = b"\0"

SPECVERSION: Header = ("ce_specversion", b"1.0")
CONTENT_TYPE: Header = ("content-type", b"application/json")


@lru_cache(64)
def _time(moment: datetime) -> bytes:
    """What was decided together was recorded at the same time."""
    return text_of(moment).encode()


@lru_cache(1024)
def _shape(kind: str, schema_version: int) -> tuple[Header, Header]:
    """There are some dozens of types."""
    return ("ce_type", kind.encode()), ("ce_dataschema", f"urn:feira:{kind}:{schema_version}".encode())


def headers_of(row: Any, source: bytes, generation: bytes) -> Headers:
    """The headers of one row of the log. ``ce_version`` is for facts alone."""
    recorded = _time(row["recorded_at"])
    occurred = row["occurred_at"]
    kind, schema = _shape(row["type"], row["schema_version"])
    headers = [
        SPECVERSION,
        ("ce_id", str(row["message_id"]).encode()),
        ("ce_source", source),
        kind,
        ("ce_subject", str(row["key"]).encode()),
        # without a zone: kept as an infinity by an earlier version, and no time to any consumer
        ("ce_time", _time(occurred) if occurred and occurred.tzinfo else recorded),
        schema,
        CONTENT_TYPE,
        ("ce_recordedtime", recorded),
        ("ce_tenant", row["tenant"].encode()),
        ("ce_correlationid", row["correlation_id"].encode()),
        ("ce_causationid", row["causation_id"].encode()),
        (GENERATION, generation),
    ]
    if row["kind"] == "fact":
        headers.append(("ce_version", str(row["version"]).encode()))
    if row["traceparent"]:
        headers.append(("traceparent", row["traceparent"].encode()))
    return headers


def generation_header(number: int) -> tuple[str, bytes]:
    return GENERATION, str(number).encode()


def texts(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    """Headers as text. Raises ``ValueError`` for one that is empty, no UTF-8, there twice, or holds a NUL."""
    found = dict(headers)
    values = found.values()
    if len(found) == len(headers) and None not in values:
        together = NUL.join(values)  # type: ignore[arg-type]  # none is None
        if together.count(NUL) == len(found) - 1:
            try:
                return dict(zip(found, together.decode().split("\0"), strict=True))
            except UnicodeDecodeError:
                pass  # which of them it is, is told below
    return _one_by_one(headers)


def _one_by_one(headers: Sequence[tuple[str, bytes | None]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if value is None:
            raise ValueError(f"header {name} is empty")
        if name in found:
            raise ValueError(f"header {name} stands twice")
        if NUL in value:
            raise ValueError(f"header {name} holds a NUL")
        found[name] = value.decode()
    return found


def uuid_of(text: str) -> UUID:
    """By the database driver's own class, ten times as fast as Python's, where both read the same."""
    try:
        found = pgproto.UUID(text)
    except ValueError:
        return UUID(text)
    return found if str(found) == text else UUID(text)
