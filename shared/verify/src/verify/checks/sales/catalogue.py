"""The facts of the catalogue, stream by stream, from the log of the offer service."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from sqlite3 import Connection
from typing import Any, NamedTuple, TypeAlias

Json: TypeAlias = "Mapping[str, Any]"
STREAMS_KEPT = 4_096
"""Streams whose facts are kept in memory; others are read again."""
READ_TYPES = (
    "product.created",
    "product.changed",
    "product.activated",
    "product.archived",
    "offer.created",
    "offer.changed",
    "offer.price_changed",
    "offer.published",
    "offer.paused",
    "offer.archived",
    "upsell.created",
    "upsell.changed",
    "upsell.removed",
    "experiment.created",
    "experiment.started",
    "experiment.stopped",
    "campaign.created",
    "campaign.changed",
    "campaign.started",
    "campaign.paused",
    "campaign.ended",
    "campaign.exhausted",
    "campaign.reopened",
    "promotion.created",
    "promotion.changed",
    "promotion.disabled",
    "referral_rule.created",
    "referral_rule.changed",
    "referral_rule.disabled",
    "tax_rate.set",
    "shipping_rate.set",
    "shipping_rate.removed",
)
# "+type": not by the index of types, of which a catalogue has many facts each
FACTS = f"""
    SELECT position, recorded_at, type, body FROM log
    WHERE stream_id = ? AND service = 'offer' AND +type IN ({", ".join(f"'{it}'" for it in READ_TYPES)})
    ORDER BY version
"""  # noqa: S608  # constants
NAMED = {
    "campaigns_on": """
        SELECT DISTINCT e.value, l.stream_id FROM log l, json_each(l.body, '$.details.offer_ids') e
        WHERE l.type IN ('campaign.created', 'campaign.changed')
    """,
    "campaigns_with": """
        SELECT DISTINCT e.value, l.stream_id FROM log l, json_each(l.body, '$.details.promotion_ids') e
        WHERE l.type IN ('campaign.created', 'campaign.changed')
    """,
    "experiments_on": """
        SELECT json_extract(body, '$.offer_id'), stream_id FROM log WHERE type = 'experiment.created'
    """,
    "tax_rates": "SELECT DISTINCT tenant, stream_id FROM log WHERE type = 'tax_rate.set'",
    "shipping_rates": "SELECT DISTINCT tenant, stream_id FROM log WHERE type = 'shipping_rate.set'",
}
"""Streams by what they name, or ever have named, or by their tenant. There are few of them."""


class Fact(NamedTuple):
    position: int
    recorded_at: float
    type: str
    body: Json


class Catalogue:
    """The facts of the catalogue, by stream."""

    def __init__(self, sql: Connection) -> None:
        self._sql = sql
        self.facts: Callable[[str], tuple[Fact, ...]] = lru_cache(STREAMS_KEPT)(self._read)
        self._by_name: dict[str, Mapping[str, Sequence[str]]] = {}

    def named(self, how: str, name: str) -> Sequence[str]:
        """The streams that name an offer, a promotion or a tenant. ``how``: a key of ``NAMED``."""
        if how not in self._by_name:
            found = defaultdict[str, list[str]](list)
            for key, stream_id in self._sql.execute(NAMED[how]):
                found[key].append(stream_id)
            self._by_name[how] = found
        return self._by_name[how].get(name, ())

    def _read(self, stream_id: str) -> tuple[Fact, ...]:
        rows = self._sql.execute(FACTS, (stream_id,))
        return tuple(
            Fact(position, recorded_at, type_, json.loads(body or "{}"))
            for position, recorded_at, type_, body in rows
        )
