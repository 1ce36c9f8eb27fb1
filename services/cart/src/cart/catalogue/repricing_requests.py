"""What may have another price, so that the open carts that hold it are to be repriced: rows of the table
``repricing``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from cart.catalogue.product_rows import Families
from contracts import campaign, experiment, offer, product, upsell
from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.store.writing import Connection, columns

OF_PRODUCTS = (product.Changed, product.Activated, product.Archived)
OF_OFFERS = (offer.PriceChanged, offer.Changed, offer.Published, offer.Paused, offer.Archived)
OF_EXPERIMENTS = (experiment.Started, experiment.Stopped)
OF_UPSELLS = (upsell.Changed, upsell.Removed)
OF_CAMPAIGNS = (
    *(campaign.Created, campaign.Changed, campaign.Started, campaign.Paused),
    *(campaign.Ended, campaign.Exhausted, campaign.Reopened),
)
"""What is archived or paused keeps its price in the carts; when it is sold again the price may differ."""
FIRST_CART = UUID(int=0)
SELECT_CAMPAIGN_OFFERS = """
    SELECT e.tenant, e.id, jsonb_array_elements_text(e.data #> '{details,offer_ids}')::uuid AS offer_id
    FROM catalogue_entries e JOIN unnest($1::text[], $2::uuid[]) AS n (tenant, id) USING (tenant, id)
    WHERE e.kind = 'campaign'
"""
UPSERT_REQUESTS = """
    INSERT INTO repricing
    SELECT * FROM unnest(
        $1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    ON CONFLICT (tenant, product_id) DO UPDATE
    SET after_cart = excluded.after_cart, correlation_id = excluded.correlation_id,
        causation_id = excluded.causation_id, traceparent = excluded.traceparent,
        occurred_at = excluded.occurred_at
"""


class RepricingRequests:
    """Of one batch: one for each thing, with its last change as the cause."""

    def __init__(self, batch: Sequence[InboundMessage]) -> None:
        self._batch = batch
        self._created = {(it.tenant, it.stream_id) for it in batch if isinstance(it.fact(), product.Created)}
        """No cart can hold these yet."""
        self._causes: dict[tuple[str, UUID], InboundMessage] = {}

    async def find_campaigns_offers(self, connection: Connection) -> None:
        """Before the batch changes the copy, and again afterwards: a campaign may leave offers or get
        others."""
        causes = {(it.tenant, it.stream_id): it for it in self._batch if isinstance(it.fact(), OF_CAMPAIGNS)}
        if causes:
            for row in await connection.fetch(SELECT_CAMPAIGN_OFFERS, *columns(sorted(causes))):
                self._causes[row["tenant"], row["offer_id"]] = causes[row["tenant"], row["id"]]

    # failpoint: none needed (consumer-batch)
    async def write(self, connection: Connection, families: Families) -> None:
        """Within the transaction that changes the copy. ``families``: a variant may have its parent's
        prices."""
        for message in self._batch:
            for thing in self._things(message, families):
                self._causes[message.tenant, thing] = message
        rows = [
            (
                *(tenant, thing, FIRST_CART),
                *(cause.correlation_id, str(cause.message_id), cause.traceparent, cause.occurred_at),
            )
            for (tenant, thing), cause in sorted(self._causes.items(), key=lambda pair: pair[0])
        ]
        if rows:
            await connection.execute(UPSERT_REQUESTS, *columns(rows))

    def _things(self, message: InboundMessage, families: Families) -> Iterable[UUID]:
        fact: Fact = message.fact()
        place = message.tenant, message.stream_id
        if isinstance(fact, OF_PRODUCTS):
            return () if place in self._created else (message.stream_id, *families.get(place, ()))
        if isinstance(fact, OF_EXPERIMENTS):
            return (fact.offer_id,)
        return (message.stream_id,) if isinstance(fact, OF_OFFERS + OF_UPSELLS) else ()
