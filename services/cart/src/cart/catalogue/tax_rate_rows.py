"""The tax rates of the catalogue's projection: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import tax_rate as facts
from kernel.store.writing import Connection, columns

UPSERT_TAX_RATES = """
    INSERT INTO catalogue_tax_rates AS t (tenant, tax_rate_id, version, rate, valid_from)
    SELECT *, feira_now() FROM unnest($1::text[], $2::uuid[], $3::int[], $4::jsonb[])
    ON CONFLICT (tenant, tax_rate_id) DO UPDATE
    SET version = excluded.version, rate = excluded.rate, valid_from = excluded.valid_from
    WHERE t.version < excluded.version
"""


@dataclass(slots=True)
class TaxRateRows:
    rows: dict[tuple[str, UUID], tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def add(self, tenant: str, fact: facts.Set) -> None:
        rate = fact.model_dump(mode="json", exclude_none=True)
        self.rows[tenant, fact.originator_id] = fact.originator_version, rate

    # failpoint: none needed (consumer-batch)
    async def write(self, connection: Connection, news_of_batch: News) -> None:
        if self.rows:
            rows = [(*key, *row) for key, row in sorted(self.rows.items(), key=lambda pair: pair[0])]
            await connection.execute(UPSERT_TAX_RATES, *columns(rows))
        for tenant, _ in self.rows:
            news_of_batch.add_all(tenant, news.GENERAL)
