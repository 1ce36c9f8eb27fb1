"""What is sold beside products, as rows of ``catalogue_entries``: the changes that a batch of facts makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from uuid import UUID

from cart.catalogue import news
from cart.catalogue.news import News
from contracts import campaign, experiment, funnel, offer, pricing_policy, shipping_rate, upsell
from contracts.envelope import Fact, Part
from kernel.store.writing import Connection, columns

OFFER, UPSELL, STEP, EXPERIMENT = "offer", "upsell", "funnel_step", "experiment"
CAMPAIGN, SHIPPING_RATE, POLICY = "campaign", "shipping_rate", "pricing_policy"
CHANGES: Mapping[type[Fact], tuple[str, str | None]] = MappingProxyType(
    {
        offer.Created: (OFFER, "draft"),
        offer.Changed: (OFFER, None),
        offer.Published: (OFFER, "published"),
        offer.Paused: (OFFER, "paused"),
        offer.Archived: (OFFER, "archived"),
        offer.PriceChanged: (OFFER, None),
        upsell.Created: (UPSELL, "active"),
        upsell.Changed: (UPSELL, None),
        upsell.Removed: (UPSELL, "removed"),
        funnel.StepAdded: (STEP, "active"),
        funnel.StepChanged: (STEP, None),
        funnel.StepRemoved: (STEP, "removed"),
        experiment.Created: (EXPERIMENT, "draft"),
        experiment.Started: (EXPERIMENT, "running"),
        experiment.Stopped: (EXPERIMENT, "stopped"),
        experiment.Removed: (EXPERIMENT, "removed"),
        campaign.Created: (CAMPAIGN, "draft"),
        campaign.Changed: (CAMPAIGN, None),
        campaign.Started: (CAMPAIGN, "active"),
        campaign.Paused: (CAMPAIGN, "paused"),
        campaign.Ended: (CAMPAIGN, "ended"),
        campaign.Exhausted: (CAMPAIGN, None),
        campaign.Reopened: (CAMPAIGN, None),
        shipping_rate.Set: (SHIPPING_RATE, "active"),
        shipping_rate.Removed: (SHIPPING_RATE, "removed"),
        pricing_policy.Set: (POLICY, "active"),
    }
)
"""By fact the kind of entry and its new status; None: unchanged."""
NEW = (
    *(offer.Created, upsell.Created, funnel.StepAdded, experiment.Created, campaign.Created),
    *(shipping_rate.Set, pricing_policy.Set),
)
OF_OFFER = frozenset({OFFER, UPSELL, STEP, EXPERIMENT})
UPSERT_ENTRIES = """
    INSERT INTO catalogue_entries AS e (tenant, kind, id, offer_id, version, status, slug, data, valid_from)
    SELECT *, feira_now() FROM unnest(
        $1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::jsonb[])
    ON CONFLICT (tenant, kind, id) DO UPDATE
    SET version = excluded.version, status = excluded.status, slug = excluded.slug, data = excluded.data,
        valid_from = excluded.valid_from
    WHERE e.version < excluded.version
"""
UPDATE_ENTRIES = """
    UPDATE catalogue_entries e
    SET version = n.version, status = coalesce(n.status, e.status), slug = coalesce(n.slug, e.slug),
        data = e.data || n.data, valid_from = feira_now()
    FROM unnest(
        $1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::jsonb[])
         AS n (tenant, kind, id, offer_id, version, status, slug, data)
    WHERE (e.tenant, e.kind, e.id) = (n.tenant, n.kind, n.id) AND e.version < n.version
"""


@dataclass(slots=True)
class EntryChange:
    """One entry's changes in the batch. ``status``, ``slug``: None if unchanged; ``data``: the names that
    change, with ``details`` as a whole."""

    offer_id: UUID | None
    is_new: bool = False
    version: int = 0
    status: str | None = None
    slug: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class EntryRows:
    rows: dict[tuple[str, str, UUID], EntryChange] = field(default_factory=dict)

    def add(self, tenant: str, fact: Fact) -> None:
        kind, status = CHANGES[type(fact)]
        row = self.rows.setdefault((tenant, kind, _id_of(fact)), EntryChange(_offer_of(kind, fact)))
        row.is_new |= isinstance(fact, NEW)
        row.version = fact.originator_version
        row.status = status or row.status
        details = getattr(fact, "details", None)
        if details is not None:
            row.data |= {"details": _stored(details)}
        match fact:
            case offer.Created() | offer.Changed():
                row.slug = fact.details.slug
                row.data["price"] = _stored(fact.details.price)
            case offer.PriceChanged(new=price):
                row.data["price"] = _stored(price)
            case experiment.Stopped(winner=winner):
                row.data["winner"] = None if winner is None else str(winner)
            case campaign.Exhausted() | campaign.Reopened():
                row.data["exhausted"] = isinstance(fact, campaign.Exhausted)
            case pricing_policy.Set():
                row.data["details"] = fact.model_dump(mode="json")
            case _:
                pass

    # failpoint: none needed (consumer-batch)
    async def write(self, connection: Connection, news_of_batch: News) -> None:
        for statement, is_new in ((UPSERT_ENTRIES, True), (UPDATE_ENTRIES, False)):
            rows = [
                (*key, row.offer_id, row.version, row.status, row.slug, row.data)
                for key, row in sorted(self.rows.items(), key=lambda pair: pair[0])
                if row.is_new is is_new
            ]
            if rows:
                await connection.execute(statement, *columns(rows))
        for (tenant, kind, _), row in self.rows.items():
            if row.offer_id is not None:
                news_of_batch.add(tenant, news.OFFER, [row.offer_id])
            elif kind == CAMPAIGN:
                # it may name any offer and promotion, or have named them before
                for touched in (news.OFFER, news.PROMOTION, news.GENERAL):
                    news_of_batch.add_all(tenant, touched)
            else:
                news_of_batch.add_all(tenant, news.GENERAL)


def _id_of(fact: Fact) -> UUID:
    match fact:
        case funnel.StepAdded(step_id=entry_id) | funnel.StepChanged(step_id=entry_id):
            return entry_id
        case funnel.StepRemoved(step_id=entry_id):
            return entry_id
        case shipping_rate.Set(rate_id=entry_id) | shipping_rate.Removed(rate_id=entry_id):
            return entry_id
        case _:
            return fact.originator_id


def _offer_of(kind: str, fact: Fact) -> UUID | None:
    """The offer that it belongs to; an offer belongs to itself."""
    if kind not in OF_OFFER:
        return None
    offer_id: UUID = getattr(fact, "offer_id", fact.originator_id)
    return offer_id


def _stored(part: Part) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude_none=True)
