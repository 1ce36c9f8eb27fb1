"""The uses of promotions by each customer in the copy: the changes that a batch of facts makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import promotion as facts
from kernel.store.writing import Connection, columns

ADD_USES = """
    INSERT INTO catalogue_promotion_uses AS u (tenant, customer_id, promotion_id, uses, valid_from)
    SELECT *, feira_now() FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[])
    ON CONFLICT (tenant, customer_id, promotion_id) DO UPDATE
    SET uses = u.uses + excluded.uses, valid_from = excluded.valid_from
    RETURNING u.tenant, u.customer_id,
              coalesce((SELECT p.terms #> '{limits,per_customer}' IS NOT NULL FROM catalogue_promotions p
                        WHERE (p.tenant, p.promotion_id) = (u.tenant, u.promotion_id)), true) AS is_news
"""
"""Of all promotions: one may limit the uses of each customer later. Of one that the copy does not have yet
it is not known whether it does."""


@dataclass(slots=True)
class PromotionUseRows:
    """Differences. The group handles each fact once, so that none counts twice."""

    uses: Counter[tuple[str, str, UUID]] = field(default_factory=Counter)
    """By tenant, customer and promotion."""

    def add(self, tenant: str, fact: facts.Reserved | facts.Released) -> None:
        key = tenant, fact.customer_id, fact.originator_id
        self.uses[key] += 1 if isinstance(fact, facts.Reserved) else -1

    # failpoint: none needed (consumer-batch)
    async def write(self, connection: Connection, news_of_batch: News) -> None:
        rows = [(*key, uses) for key, uses in sorted(self.uses.items()) if uses]
        if rows:
            for row in await connection.fetch(ADD_USES, *columns(rows)):
                if row["is_news"]:
                    news_of_batch.add(row["tenant"], news.CUSTOMER, [row["customer_id"]])
