"""The products of the catalogue's projection: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias, assert_never
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import product as facts
from kernel.store.writing import Connection, columns

Families: TypeAlias = "dict[tuple[str, UUID], list[UUID]]"

UPSERT_PRODUCTS = """
    INSERT INTO catalogue_products AS p (tenant, product_id, version, status, details, variant_of, valid_from)
    SELECT *, (details ->> 'variant_of')::uuid, feira_now()
    FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::jsonb[])
         AS n (tenant, product_id, version, status, details)
    ON CONFLICT (tenant, product_id) DO UPDATE
    SET version = excluded.version, status = excluded.status, details = excluded.details,
        variant_of = excluded.variant_of, valid_from = excluded.valid_from
    WHERE p.version < excluded.version
"""
UPDATE_PRODUCTS = """
    UPDATE catalogue_products p
    SET version = n.version, status = coalesce(n.status, p.status), details = coalesce(n.details, p.details),
        variant_of = (coalesce(n.details, p.details) ->> 'variant_of')::uuid, valid_from = feira_now()
    FROM unnest($1::text[], $2::uuid[], $3::int[], $4::text[], $5::jsonb[])
         AS n (tenant, product_id, version, status, details)
    WHERE (p.tenant, p.product_id) = (n.tenant, n.product_id) AND p.version < n.version
"""
SELECT_FAMILIES = """
    WITH changed AS (SELECT * FROM unnest($1::text[], $2::uuid[]) AS n (tenant, product_id))
    SELECT p.tenant, p.product_id AS relative, p.variant_of AS changed FROM changed n
    JOIN catalogue_products p ON (p.tenant, p.variant_of) = (n.tenant, n.product_id)
    UNION
    SELECT p.tenant, p.variant_of, p.product_id FROM changed n
    JOIN catalogue_products p ON (p.tenant, p.product_id) = (n.tenant, n.product_id)
    WHERE p.variant_of IS NOT NULL
"""
"""The variants of these products and the products of which these are variants: what they cost, and whether
they are sold, depends on each other."""


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
    async def write(self, connection: Connection, news_of_batch: News) -> Families:
        """Return the relatives of the changed products, by them."""
        for statement, is_new in ((UPSERT_PRODUCTS, True), (UPDATE_PRODUCTS, False)):
            rows = [
                (*key, change.version, change.status, change.details)
                for key, change in sorted(self.rows.items(), key=lambda pair: pair[0])
                if change.is_new is is_new
            ]
            if rows:
                await connection.execute(statement, *columns(rows))
        families: dict[tuple[str, UUID], list[UUID]] = {key: [] for key in self.rows}
        if families:
            for row in await connection.fetch(SELECT_FAMILIES, *columns(sorted(families))):
                families[row["tenant"], row["changed"]].append(row["relative"])
        for (tenant, product_id), relatives in families.items():
            news_of_batch.add(tenant, news.PRODUCT, [product_id, *relatives])
        return families


def _stored(details: facts.Details) -> dict[str, Any]:
    return details.model_dump(mode="json", exclude_none=True)
