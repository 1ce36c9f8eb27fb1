"""What may have another price, so that the open carts that hold it are to be repriced: rows of the table
``repricing``.

A cart records the prices of units. Promotions, tax and shipping rates change the price of no unit: what they
change is worked out at each read and at the lock, so they are not here. Categories and collections choose
the products of promotions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from uuid import UUID

from cart.catalogue.product_rows import Families
from contracts import campaign, customer, experiment, offer, pricing_policy, product, upsell
from contracts.envelope import Fact
from kernel.ids import NIL_ID, derive_id
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
OF_CUSTOMERS = (customer.ProfileChanged, customer.Erased)
"""A segment may have its own prices."""
FIRST_CART = UUID(int=0)
EVERYTHING = NIL_ID
"""In the place of a product: all that the tenant sells."""
SELECT_CAMPAIGN_OFFERS = """
    SELECT e.tenant, e.id, jsonb_array_elements_text(e.data #> '{details,offer_ids}')::uuid AS offer_id
    FROM catalogue_entries e JOIN unnest($1::text[], $2::uuid[]) AS n (tenant, id) USING (tenant, id)
    WHERE e.kind = 'campaign'
"""
UPSERT_REQUESTS = """
    INSERT INTO repricing (tenant, product_id, customer_id, after_cart,
                           correlation_id, causation_id, traceparent, occurred_at)
    SELECT * FROM unnest(
        $1::text[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
    ON CONFLICT (tenant, product_id) DO UPDATE
    SET after_cart = excluded.after_cart, correlation_id = excluded.correlation_id,
        causation_id = excluded.causation_id, traceparent = excluded.traceparent,
        occurred_at = excluded.occurred_at
"""
"""A newer change begins with the first cart again, and the older one is done with it."""

CustomersWithCarts = Callable[[Connection, Iterable[tuple[str, str]]], Awaitable[set[tuple[str, str]]]]
"""Which of the customers, as (tenant, id), have carts."""
Request = tuple[str, UUID, str | None]
"""Tenant, thing and customer; ordered by the first two, which are unique."""


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

    async def write(self, connection: Connection, families: Families) -> None:
        """Within the transaction that changes the copy. ``families``: a variant may have its parent's
        prices."""
        for message in self._batch:
            for thing in self._things(message, families):
                self._causes[message.tenant, thing] = message
        await write_requests(connection, {(*key, None): cause for key, cause in self._causes.items()})

    def _things(self, message: InboundMessage, families: Families) -> Iterable[UUID]:
        fact: Fact = message.fact()
        place = message.tenant, message.stream_id
        if isinstance(fact, OF_PRODUCTS):
            return () if place in self._created else (message.stream_id, *families.get(place, ()))
        if isinstance(fact, OF_EXPERIMENTS):
            return (fact.offer_id,)
        if isinstance(fact, pricing_policy.Set):
            return (EVERYTHING,)
        return (message.stream_id,) if isinstance(fact, OF_OFFERS + OF_UPSELLS) else ()


async def write_requests_of_customers(
    connection: Connection, batch: Sequence[InboundMessage], with_carts: CustomersWithCarts
) -> None:
    """Within the transaction that changes the copy; of customers without a cart nothing is written."""
    causes: dict[tuple[str, str], InboundMessage] = {}
    for message in batch:
        fact: Fact = message.fact()
        if isinstance(fact, OF_CUSTOMERS):
            causes[message.tenant, fact.customer_id] = message
    found = await with_carts(connection, causes) if causes else ()
    await write_requests(
        connection,
        {(tenant, derive_id(EVERYTHING, it), it): causes[tenant, it] for tenant, it in found},
    )


# failpoint: none needed (consumer-batch)
async def write_requests(connection: Connection, causes: Mapping[Request, InboundMessage]) -> None:
    rows = [
        (
            *(*key, FIRST_CART),
            *(cause.correlation_id, str(cause.message_id), cause.traceparent, cause.occurred_at),
        )
        for key, cause in sorted(causes.items(), key=lambda pair: pair[0][:2])
    ]
    if rows:
        await connection.execute(UPSERT_REQUESTS, *columns(rows))
