"""List unique keys: an index that is always as new as the log, in the order of the keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from kernel.postgres.service_pool import ServicePool

PAGE = """
    SELECT found.value, found.holder
    FROM unnest($3::text[], $4::text[]) AS wanted (prefix, after)
    CROSS JOIN LATERAL (
        SELECT value, holder FROM claims
        WHERE tenant = $1 AND kind = $2 AND value > wanted.after AND starts_with(value, wanted.prefix)
        ORDER BY value LIMIT $5
    ) AS found
    ORDER BY substr(found.value, length(wanted.prefix) + 1) LIMIT $5
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
    prefixes: Sequence[str] = ("",),
    limit: int,
) -> list[UniqueKey]:
    """A page of the keys of one kind that begin with one of the prefixes, in the order of what follows these:
    from the first one that stands there behind ``after``, the last value of the page before."""
    rest = next((after.removeprefix(it) for it in prefixes if after.startswith(it)), "")
    behind = [f"{it}{rest}" if rest else it[:-1] for it in prefixes]
    rows = await pool.fetch_for_tenant(tenant, PAGE, kind, list(prefixes), behind, limit)
    return [UniqueKey(row["value"], row["holder"]) for row in rows]
