"""The table that searches of offers read. It follows the service's own log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from contracts import campaign, offer
from contracts.envelope import Fact
from kernel.store.event_store import EventStore
from kernel.store.log_follower import LogFollower, Recorded
from kernel.store.writing import Connection, columns
from offer.catalogue.domain.listing import words_of
from offer.offers.domain.offer import ARCHIVED, DRAFT, PAUSED, PUBLISHED

PLACE = "offer_list_place"
STATUSES: Mapping[type[Fact], str] = {
    offer.Published: PUBLISHED,
    offer.Paused: PAUSED,
    offer.Archived: ARCHIVED,
}
UPSERT_OFFERS = """
    INSERT INTO offer_list (tenant, offer_id, status, slug, type, words, product_ids)
    SELECT tenant, offer_id, $7, slug, type, string_to_array(words, ' '), string_to_array(ids, ' ')::uuid[]
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
         AS n (tenant, offer_id, slug, type, words, ids)
    ON CONFLICT (tenant, offer_id) DO UPDATE SET
        slug = excluded.slug, type = excluded.type, words = excluded.words,
        product_ids = excluded.product_ids
"""
UPDATE_STATUSES = """
    UPDATE offer_list o SET status = n.status
    FROM unnest($1::text[], $2::uuid[], $3::text[]) AS n (tenant, offer_id, status)
    WHERE (o.tenant, o.offer_id) = (n.tenant, n.offer_id)
"""
UPSERT_CAMPAIGNS = """
    INSERT INTO offer_list_campaigns (tenant, campaign_id, offer_ids)
    SELECT tenant, campaign_id, string_to_array(ids, ' ')::uuid[]
    FROM unnest($1::text[], $2::uuid[], $3::text[]) AS n (tenant, campaign_id, ids)
    ON CONFLICT (tenant, campaign_id) DO UPDATE SET offer_ids = excluded.offer_ids
"""

Key = tuple[str, UUID]


def list_follower(store: EventStore) -> LogFollower:
    kinds: tuple[type[Fact], ...] = (
        offer.Created,
        offer.Changed,
        *STATUSES,
        campaign.Created,
        campaign.Changed,
    )
    return LogFollower(PLACE, kinds, write_list, store)


# failpoint: none needed (store-transaction), 3 calls
async def write_list(connection: Connection, recorded: Sequence[Recorded]) -> None:
    details: dict[Key, offer.OfferDetails] = {}
    statuses: dict[Key, str] = {}
    campaigns: dict[Key, tuple[UUID, ...]] = {}
    for it in recorded:
        key = it.tenant, it.stream_id
        match it.fact:
            case offer.Created() | offer.Changed() as fact:
                details[key] = fact.details
            case offer.Published() | offer.Paused() | offer.Archived() as fact:
                statuses[key] = STATUSES[type(fact)]
            case campaign.Created() | campaign.Changed() as fact:
                campaigns[key] = fact.details.offer_ids
    if details:
        rows = [_row(key, it) for key, it in sorted(details.items(), key=lambda row: row[0])]
        await connection.execute(UPSERT_OFFERS, *columns(rows), DRAFT)
    if statuses:
        changed = [(*key, status) for key, status in sorted(statuses.items())]
        await connection.execute(UPDATE_STATUSES, *columns(changed))
    if campaigns:
        named = [(*key, " ".join(map(str, ids))) for key, ids in sorted(campaigns.items())]
        await connection.execute(UPSERT_CAMPAIGNS, *columns(named))


def _row(key: Key, details: offer.OfferDetails) -> tuple[object, ...]:
    """Arrays as texts: ``unnest`` would flatten an array of arrays."""
    words = " ".join(sorted(words_of(details.name, details.slug)))
    products = " ".join(str(it.product_id) for it in details.products)
    return (*key, details.slug, details.type, words, products)
