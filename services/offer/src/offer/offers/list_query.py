"""Searches of offers, at most a second behind the log. The list of all offers is as new as the log."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.postgres.service_pool import ServicePool

SEARCH = """
    SELECT offer_id FROM offer_list o
    WHERE tenant = $1 AND offer_id > $2
      AND ($3::text[] IS NULL OR slug = ANY($3))
      AND ($4::text[] IS NULL OR status = ANY($4))
      AND ($5::text[] IS NULL OR type = ANY($5))
      AND ($6::uuid[] IS NULL OR product_ids && $6)
      AND ($7::uuid[] IS NULL OR EXISTS (
          SELECT FROM offer_list_campaigns c
          WHERE c.tenant = $1 AND c.campaign_id = ANY($7) AND o.offer_id = ANY(c.offer_ids)))
      AND NOT EXISTS (
          SELECT FROM unnest($8::text[]) AS wanted (start)
          WHERE NOT EXISTS (SELECT FROM unnest(o.words) AS word WHERE starts_with(word, wanted.start)))
    ORDER BY offer_id LIMIT $9
"""


@dataclass(frozen=True, slots=True)
class OfferSearch:
    """All filters must hold; of one with several values any. None: not filtered."""

    words: tuple[str, ...] = ()
    """Each must begin a word of name or slug."""
    slugs: tuple[str, ...] | None = None
    statuses: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    product_ids: tuple[UUID, ...] | None = None
    campaign_ids: tuple[UUID, ...] | None = None


async def search_offers(
    pool: ServicePool, tenant: str, search: OfferSearch, after: UUID, limit: int
) -> list[UUID]:
    """A page of the offers that are found, the oldest first."""
    filters = search.slugs, search.statuses, search.types, search.product_ids, search.campaign_ids
    rows = await pool.fetch_for_tenant(tenant, SEARCH, after, *filters, search.words, limit)
    return [row["offer_id"] for row in rows]
