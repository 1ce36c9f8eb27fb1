"""The stock in the copy: the changes that a batch of facts makes. It tells only whether a product is
available: the offer service decides about every unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import assert_never
from uuid import UUID

import asyncpg

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import stock as facts
from kernel.store.writing import Connection, columns

INSERT_STOCK = """
    INSERT INTO catalogue_stock (tenant, product_id, version, on_hand, reserved, allow_backorders, valid_from)
    SELECT *, 0, 0, 0, false, feira_now() FROM unnest($1::text[], $2::uuid[]) ON CONFLICT DO NOTHING
    RETURNING tenant, product_id
"""
UPDATE_STOCK = """
    WITH n AS (
        SELECT s.tenant, s.product_id, n.version, coalesce(n.counted, s.on_hand) + n.on_hand AS on_hand,
               s.reserved + n.reserved AS reserved,
               coalesce(n.allow_backorders, s.allow_backorders) AS allow_backorders,
               s.on_hand - s.reserved > 0 AS was_available, s.allow_backorders AS allowed_backorders
        FROM catalogue_stock s
        JOIN unnest($1::text[], $2::uuid[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bool[])
             AS n (tenant, product_id, version, counted, on_hand, reserved, allow_backorders)
             USING (tenant, product_id)
        WHERE s.version < n.version
    ), changed AS (
        SELECT *, (on_hand - reserved > 0, allow_backorders)
                  IS DISTINCT FROM (was_available, allowed_backorders) AS is_news FROM n
    )
    UPDATE catalogue_stock s
    SET version = n.version, on_hand = n.on_hand, reserved = n.reserved,
        allow_backorders = n.allow_backorders,
        valid_from = CASE WHEN n.is_news THEN feira_now() ELSE s.valid_from END
    FROM changed n WHERE (s.tenant, s.product_id) = (n.tenant, n.product_id)
    RETURNING s.tenant, s.product_id, n.is_news
"""


@dataclass(slots=True)
class StockChange:
    """One product's changes in the batch: after a count, or None, differences."""

    version: int = 0
    counted: int | None = None
    on_hand: int = 0
    reserved: int = 0
    allow_backorders: bool | None = None


@dataclass(slots=True)
class StockRows:
    rows: dict[tuple[str, UUID], StockChange] = field(default_factory=dict)

    def add(self, tenant: str, fact: facts.StockFact) -> None:
        row = self.rows.setdefault((tenant, fact.product_id), StockChange())
        row.version = fact.originator_version
        match fact:
            case facts.Adjusted():
                row.counted, row.on_hand, row.allow_backorders = fact.on_hand, 0, fact.allow_backorders
            case facts.Received():
                row.on_hand += fact.quantity
            case facts.Reserved():
                row.reserved += fact.quantity
            case facts.Extended():
                pass  # only the expiry changes, not the number of reserved units
            case facts.Confirmed():
                row.on_hand -= fact.quantity
                row.reserved -= fact.quantity
            case facts.Released() | facts.Expired():
                row.reserved -= fact.quantity
            case _:
                assert_never(fact)

    # failpoint: none needed (consumer-batch)
    async def write(self, connection: Connection, news_of_batch: News) -> None:
        """A change is news if a product becomes available, or ceases to be: not each unit."""
        if not self.rows:
            return
        changed = await self._update(self.rows, connection)
        unchanged = self.rows.keys() - {(it["tenant"], it["product_id"]) for it in changed}
        new = await connection.fetch(INSERT_STOCK, *columns(sorted(unchanged))) if unchanged else []
        if new:
            await self._update([(it["tenant"], it["product_id"]) for it in new], connection)
        for row in (*new, *(it for it in changed if it["is_news"])):
            news_of_batch.add(row["tenant"], news.PRODUCT, [row["product_id"]])

    # failpoint: none needed (consumer-batch)
    async def _update(self, keys: Iterable[tuple[str, UUID]], connection: Connection) -> list[asyncpg.Record]:
        """Those that are not in the copy yet, or have been changed by the same facts already, stay as they
        are."""
        rows = [
            (*key, it.version, it.counted, it.on_hand, it.reserved, it.allow_backorders)
            for key, it in ((key, self.rows[key]) for key in sorted(keys))
        ]
        return await connection.fetch(UPDATE_STOCK, *columns(rows))
