"""Read all facts of one stream, on behalf of a caller, with what the log says about each."""

from __future__ import annotations

from uuid import UUID

from contracts.registry import MessageRegistry
from kernel.postgres.service_pool import ServicePool
from kernel.recorded_fact import RecordedFact
from kernel.store.loading import LOG_FOR_CALLERS, fact_of

SELECT_STREAM = f"""
    SELECT stream_id, version, type, schema_version, body, recorded_at,
           coalesce(occurred_at, recorded_at) AS occurred_at, actor
    FROM {LOG_FOR_CALLERS} WHERE tenant = $1 AND stream_id = $2 AND kind = 'fact' ORDER BY version
"""  # noqa: S608  # a constant


async def read_stream(
    pool: ServicePool, tenant: str, stream_id: UUID, messages: MessageRegistry
) -> list[RecordedFact]:
    """The facts in the order of their versions; none if the tenant has no such stream."""
    rows = await pool.fetch_for_tenant(tenant, SELECT_STREAM, stream_id)
    return [RecordedFact(fact_of(row, messages), row["occurred_at"], row["actor"]) for row in rows]
