"""The table that searches of promotions read. It follows the service's own log."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from contracts import campaign, promotion
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded
from kernel.store.writing import Connection, columns
from offer.catalogue.domain.listing import words_of
from offer.promotions.list_query import ACTIVE, DISABLED

PLACE = "promotion_list_place"
KINDS = promotion.Created, promotion.Changed, promotion.Disabled, campaign.Created, campaign.Changed
UPSERT_PROMOTIONS = """
    INSERT INTO promotion_list (tenant, promotion_id, status, kind, automatic, words)
    SELECT tenant, promotion_id, $6, kind, automatic, string_to_array(words, ' ')
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[], $5::text[])
         AS n (tenant, promotion_id, kind, automatic, words)
    ON CONFLICT (tenant, promotion_id) DO UPDATE
    SET kind = excluded.kind, automatic = excluded.automatic, words = excluded.words
"""
UPDATE_STATUSES = """
    UPDATE promotion_list p SET status = $3
    FROM unnest($1::text[], $2::uuid[]) AS n (tenant, promotion_id)
    WHERE (p.tenant, p.promotion_id) = (n.tenant, n.promotion_id)
"""
UPSERT_CAMPAIGNS = """
    INSERT INTO promotion_list_campaigns (tenant, campaign_id, promotion_ids)
    SELECT tenant, campaign_id, string_to_array(ids, ' ')::uuid[]
    FROM unnest($1::text[], $2::uuid[], $3::text[]) AS n (tenant, campaign_id, ids)
    ON CONFLICT (tenant, campaign_id) DO UPDATE SET promotion_ids = excluded.promotion_ids
"""

Key = tuple[str, UUID]


def list_follower(store: EventStore) -> LogFollower:
    return LogFollower(PLACE, KINDS, write_list, store)


# failpoint: none needed (store-transaction), 3 calls
async def write_list(connection: Connection, recorded: Sequence[Recorded]) -> None:
    terms: dict[Key, promotion.Terms] = {}
    disabled: set[Key] = set()
    campaigns: dict[Key, tuple[UUID, ...]] = {}
    for it in recorded:
        key = it.tenant, it.stream_id
        match it.fact:
            case promotion.Created() | promotion.Changed() as fact:
                terms[key] = fact.terms
            case promotion.Disabled():
                disabled.add(key)
            case campaign.Created() | campaign.Changed() as fact:
                campaigns[key] = fact.details.promotion_ids
    if terms:
        rows = [_row(key, it) for key, it in sorted(terms.items(), key=lambda row: row[0])]
        await connection.execute(UPSERT_PROMOTIONS, *columns(rows), ACTIVE)
    if disabled:
        await connection.execute(UPDATE_STATUSES, *columns(sorted(disabled)), DISABLED)
    if campaigns:
        named = [(*key, " ".join(map(str, ids))) for key, ids in sorted(campaigns.items())]
        await connection.execute(UPSERT_CAMPAIGNS, *columns(named))


def _row(key: Key, terms: promotion.Terms) -> tuple[object, ...]:
    """The words as one text: ``unnest`` would flatten an array of arrays."""
    return (*key, terms.kind, terms.code is None, " ".join(sorted(words_of(terms.name, terms.code))))
