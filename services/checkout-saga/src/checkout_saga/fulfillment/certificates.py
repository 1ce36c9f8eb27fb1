"""Finds certificates by their codes. Who asks has no key, so the code alone says whose it is."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from checkout_saga.fulfillment.use_cases.certifying import CERTIFICATE
from kernel.postgres.service_pool import ServicePool

FIND = f"SELECT tenant, holder FROM claims WHERE kind = '{CERTIFICATE}' AND value = $1"  # noqa: S608  # a constant


class Found(NamedTuple):
    tenant: str
    certification_id: UUID


async def find_by_code(pool: ServicePool, code: str) -> Found | None:
    """``code``: in capitals."""
    row = await pool.fetchrow(FIND, code)
    return Found(row["tenant"], row["holder"]) if row else None
