"""Read the stream of an aggregate from the log of the service that owns it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from rich.table import Table

from cli.database import connected
from cli.errors import StackError

STREAM_ROWS = """
    SELECT position, version, kind, type, schema_version, tenant, actor, correlation_id, causation_id,
           traceparent, recorded_at, occurred_at, convert_from(body, 'UTF8') AS body
    FROM log WHERE stream_id = $1 AND version > $2 ORDER BY version LIMIT $3
"""


@dataclass(frozen=True)
class LogRow:
    """One row of a log. ``body`` is the published JSON text."""

    position: int
    version: int
    kind: str
    type: str
    schema_version: int
    tenant: str
    actor: str
    correlation_id: str
    causation_id: str
    traceparent: str | None
    recorded_at: datetime
    occurred_at: datetime | None
    body: str

    def as_json(self, service: str) -> dict[str, Any]:
        times = {
            "recorded_at": self.recorded_at.isoformat(),
            "occurred_at": (self.occurred_at or self.recorded_at).isoformat(),
        }
        return {"service": service, **vars(self), **times, "body": json.loads(self.body)}


async def find_stream(
    databases: Mapping[str, str], stream: UUID, after: int, limit: int
) -> tuple[str, list[LogRow]]:
    """The owning service, and up to ``limit`` rows after version ``after``. Raises ``StackError`` if there
    are none."""
    for service, url in databases.items():
        if records := await _read(service, url, stream, after, limit):
            return service, records
    suffix = f" after version {after}" if after else ""
    raise StackError(f"No service has recorded anything of {stream}{suffix}.")


async def _read(service: str, url: str, stream: UUID, after: int, limit: int) -> list[LogRow]:
    async with connected(service, url) as connection:
        try:
            return [LogRow(**row) for row in await connection.fetch(STREAM_ROWS, stream, after, limit)]
        except asyncpg.UndefinedTableError:
            return []  # the gateway and the projections have no log


def to_table(service: str, stream: UUID, records: Sequence[LogRow]) -> Table:
    table = Table("version", "type", "recorded", "occurred", "by", "body", title=f"{service}: {stream}")
    for row in records:
        occurred = f"{row.occurred_at:%Y-%m-%d %H:%M}" if row.occurred_at else ""
        recorded = f"{row.recorded_at:%Y-%m-%d %H:%M:%S.%f}"[:-3]
        table.add_row(str(row.version), row.type, recorded, occurred, row.actor, row.body)
    return table
