"""Searches of promotions, at most a second behind the log. The list of all promotions, and what a code alone
finds, are as new as the log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from kernel.postgres.service_pool import ServicePool

ACTIVE, DISABLED = "active", "disabled"
SEARCH = """
    SELECT promotion_id FROM promotion_list p
    WHERE tenant = $1 AND promotion_id > $2
      AND ($3::uuid[] IS NULL OR promotion_id = ANY($3))
      AND ($4::text[] IS NULL OR kind = ANY($4))
      AND ($5::text[] IS NULL OR status = ANY($5))
      AND ($6::boolean IS NULL OR automatic = $6)
      AND ($7::uuid[] IS NULL OR promotion_id IN (
          SELECT unnest(c.promotion_ids) FROM promotion_list_campaigns c
          WHERE c.tenant = $1 AND c.campaign_id = ANY($7)))
      AND NOT EXISTS (
          SELECT FROM unnest($8::text[]) AS wanted (start)
          WHERE NOT EXISTS (SELECT FROM unnest(p.words) AS word WHERE starts_with(word, wanted.start)))
    ORDER BY promotion_id LIMIT $9
"""


@dataclass(frozen=True, slots=True)
class PromotionSearch:
    """All filters must hold; of one with several values any. None: not filtered."""

    words: tuple[str, ...] = ()
    """Each must begin a word of name or code."""
    codes: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    statuses: tuple[str, ...] | None = None
    automatic: bool | None = None
    campaign_ids: tuple[UUID, ...] | None = None

    @property
    def is_by_code_alone(self) -> bool:
        return replace(self, codes=None) == PromotionSearch()


async def search_promotions(
    pool: ServicePool,
    tenant: str,
    search: PromotionSearch,
    with_codes: list[UUID] | None,
    after: UUID,
    limit: int,
) -> list[UUID]:
    """A page of the promotions that are found, the oldest first. ``with_codes``: those with the codes."""
    filters = search.kinds, search.statuses, search.automatic, search.campaign_ids, search.words
    rows = await pool.fetch_for_tenant(tenant, SEARCH, after, with_codes, *filters, limit)
    return [row["promotion_id"] for row in rows]
