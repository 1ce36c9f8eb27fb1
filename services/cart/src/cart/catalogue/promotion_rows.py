"""The promotions of the catalogue's projection: the changes that a batch of facts makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import promotion as facts
from contracts.envelope import Fact
from kernel.store.writing import Connection, columns
from pricing.codes import key_of

UPSERT_PROMOTIONS = """
    INSERT INTO catalogue_promotions AS p
        (tenant, promotion_id, version, code, disabled, uses, redeemed, terms, valid_from)
    SELECT *, feira_now() FROM unnest(
        $1::text[], $2::uuid[], $3::int[], $4::text[], $5::bool[], $6::int[], $7::int[], $8::jsonb[])
    ON CONFLICT (tenant, promotion_id) DO UPDATE
    SET version = excluded.version, code = excluded.code, disabled = excluded.disabled, uses = excluded.uses,
        redeemed = excluded.redeemed, terms = excluded.terms, valid_from = excluded.valid_from
    WHERE p.version < excluded.version
"""
UPDATE_PROMOTIONS = """
    WITH n AS (
        SELECT n.*, p.terms IS DISTINCT FROM coalesce(n.terms, p.terms) OR n.disabled
               OR (p.uses + n.uses < t.total) IS DISTINCT FROM (p.uses < t.total)
               OR (p.redeemed + n.redeemed < t.total) IS DISTINCT FROM (p.redeemed < t.total) AS is_news
        FROM unnest(
            $1::text[], $2::uuid[], $3::int[], $4::text[], $5::bool[], $6::int[], $7::int[], $8::jsonb[])
             AS n (tenant, promotion_id, version, code, disabled, uses, redeemed, terms)
        JOIN catalogue_promotions p USING (tenant, promotion_id),
             LATERAL (SELECT (coalesce(n.terms, p.terms) #>> '{limits,total}')::int) AS t (total)
    )
    UPDATE catalogue_promotions p
    SET version = n.version, disabled = p.disabled OR n.disabled, uses = p.uses + n.uses,
        redeemed = p.redeemed + n.redeemed,
        code = CASE WHEN n.terms IS NULL THEN p.code ELSE n.code END, terms = coalesce(n.terms, p.terms),
        valid_from = CASE WHEN n.is_news THEN feira_now() ELSE p.valid_from END
    FROM n WHERE (p.tenant, p.promotion_id) = (n.tenant, n.promotion_id) AND p.version < n.version
    RETURNING p.tenant, p.promotion_id, n.is_news
"""


@dataclass(slots=True)
class PromotionChange:
    """One promotion's changes in the batch; ``uses`` and ``redeemed`` are differences."""

    is_new: bool = False
    version: int = 0
    code: str | None = None
    disabled: bool = False
    uses: int = 0
    redeemed: int = 0
    terms: dict[str, Any] | None = None


@dataclass(slots=True)
class PromotionRows:
    rows: dict[tuple[str, UUID], PromotionChange] = field(default_factory=dict)

    def add(self, tenant: str, fact: Fact) -> None:
        row = self.rows.setdefault((tenant, fact.originator_id), PromotionChange())
        row.version = fact.originator_version
        match fact:
            case facts.Created(terms=terms):
                row.is_new = True
                self._set_terms(row, terms)
            case facts.Changed(terms=terms):
                self._set_terms(row, terms)
            case facts.Disabled():
                row.disabled = True
            case facts.Reserved():
                row.uses += 1
            case facts.Released():
                row.uses -= 1
            case facts.Redeemed():
                row.redeemed += 1
            case _:
                pass

    @staticmethod
    def _set_terms(row: PromotionChange, terms: facts.Terms) -> None:
        row.code = None if terms.code is None else key_of(terms.code)
        row.terms = terms.model_dump(mode="json", exclude_none=True)

    # failpoint: none needed (consumer-batch), 2 calls
    async def write(self, connection: Connection, news_of_batch: News) -> None:
        """One use more or less seldom changes a price, and then it is no news."""
        rows: dict[bool, list[tuple[Any, ...]]] = {True: [], False: []}
        for key, change in sorted(self.rows.items(), key=lambda pair: pair[0]):
            rows[change.is_new].append(
                (
                    *(*key, change.version, change.code, change.disabled),
                    *(change.uses, change.redeemed, change.terms),
                )
            )
        if rows[True]:
            await connection.execute(UPSERT_PROMOTIONS, *columns(rows[True]))
            for tenant, promotion_id, *_ in rows[True]:
                self._tell(tenant, promotion_id, news_of_batch)
        if rows[False]:
            for row in await connection.fetch(UPDATE_PROMOTIONS, *columns(rows[False])):
                if row["is_news"]:
                    self._tell(row["tenant"], row["promotion_id"], news_of_batch)
            for tenant in {tenant for (tenant, _), it in self.rows.items() if not it.is_new and it.terms}:
                news_of_batch.add_all(tenant, news.CUSTOMER)  # a limit for each customer may be new

    @staticmethod
    def _tell(tenant: str, promotion_id: UUID, news_of_batch: News) -> None:
        """It may be one that applies without a code, which every excerpt has."""
        news_of_batch.add(tenant, news.PROMOTION, [promotion_id])
        news_of_batch.add_all(tenant, news.GENERAL)
