"""List unique keys: an index that is always as new as the log, in the order of the keys."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from kernel.postgres.service_pool import ServicePool

PAGE = """
    SELECT value, holder FROM claims
    WHERE tenant = $1 AND kind = $2 AND value > $3 AND starts_with(value, $4)
    ORDER BY value LIMIT $5
"""


class UniqueKey(NamedTuple):
    value: str
    owner: UUID


async def list_unique_keys(
    pool: ServicePool,
    tenant: str,
    kind: str,
    *,
    after: str = "",
    prefix: str = "",
    limit: int,
) -> list[UniqueKey]:
    """A page of the keys of one kind that begin with ``prefix``, from the first one above ``after``."""
    rows = await pool.fetch_for_tenant(tenant, PAGE, kind, max(after, prefix[:-1]), prefix, limit)
    return [UniqueKey(row["value"], row["holder"]) for row in rows]
