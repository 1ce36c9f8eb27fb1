"""The products of the catalogue's projection: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, assert_never
from uuid import UUID

from contracts import product as facts
from kernel.store.writing import Connection, columns

UPSERT_PRODUCTS = """
    INSERT INTO catalogue_products AS p (tenant, product_id, version, status, details)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::jsonb[])
    ON CONFLICT (tenant, product_id) DO UPDATE
    SET version = excluded.version, status = excluded.status, details = excluded.details
    WHERE p.version < excluded.version
"""
UPDATE_PRODUCTS = """
    UPDATE catalogue_products p
    SET version = n.version, status = coalesce(n.status, p.status), details = coalesce(n.details, p.details)
    FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::jsonb[])
         AS n (tenant, product_id, version, status, details)
    WHERE (p.tenant, p.product_id) = (n.tenant, n.product_id) AND p.version < n.version
"""


@dataclass(slots=True)
class ProductChange:
    """One product's changes in the batch; None: unchanged."""

    is_new: bool = False
    version: int = 0
    status: str | None = None
    details: dict[str, Any] | None = None


@dataclass(slots=True)
class ProductRows:
    rows: dict[tuple[str, UUID], ProductChange] = field(default_factory=dict)

    def add(self, tenant: str, fact: facts.ProductFact) -> None:
        row = self.rows.setdefault((tenant, fact.originator_id), ProductChange())
        row.version = fact.originator_version
        match fact:
            case facts.Created(details=details, status=status):
                row.is_new, row.status, row.details = True, status, _stored(details)
            case facts.Changed(details=details):
                row.details = _stored(details)
            case facts.Activated():
                row.status = "active"
            case facts.Archived():
                row.status = "archived"
            case _:
                assert_never(fact)

    # failpoint: none needed (consumer-batch)
    async def write(self, connection: Connection) -> bool:
        """True if the batch changes any product."""
        for statement, is_new in ((UPSERT_PRODUCTS, True), (UPDATE_PRODUCTS, False)):
            rows = [
                (*key, change.version, change.status, change.details)
                for key, change in sorted(self.rows.items(), key=lambda pair: pair[0])
                if change.is_new is is_new
            ]
            if rows:
                await connection.execute(statement, *columns(rows))
        return bool(self.rows)


def _stored(details: facts.Details) -> dict[str, Any]:
    return details.model_dump(mode="json", exclude_none=True)
