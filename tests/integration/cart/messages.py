"""Facts of other services, as the cart's projections get them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID, uuid4

from cart.carts.carts_by_customer import customers_with_carts
from cart.catalogue.counts_projection import CountsProjection
from cart.catalogue.customer_projection import CustomerProjection
from cart.catalogue.projection import CatalogueProjection
from contracts.envelope import Fact
from contracts.topics import MESSAGES
from kernel.messaging.inbound import InboundMessage
from tests.support.database import Pool
from tests.support.scenario import NOW

NO_WORK: Any = None


def stamp(stream_id: UUID, version: int) -> dict[str, Any]:
    return {"originator_id": stream_id, "originator_version": version, "timestamp": NOW}


def message(fact: Fact, tenant: str = "demo") -> InboundMessage:
    return InboundMessage(
        record=cast(Any, None),
        type=fact.TYPE,
        schema_version=fact.SCHEMA_VERSION,
        message_id=uuid4(),
        stream_id=fact.originator_id,
        version=fact.originator_version,
        source="/feira/offer",
        tenant=tenant,
        correlation_id="correlation",
        causation_id="cause",
        traceparent=None,
        recorded_at=NOW,
        occurred_at=None,
        generation=1,
        messages=MESSAGES,
        parsed=fact,
    )


async def project(pool: Pool, *facts: Fact, tenant: str = "demo") -> None:
    """All of them in one batch of each group that reads them."""
    projections = CatalogueProjection(), CountsProjection(), CustomerProjection(customers_with_carts)
    for projection in projections:
        batch = [message(it, tenant) for it in facts if it.TYPE in projection.types]
        async with pool.acquire() as connection, connection.transaction():
            await projection.handle(batch, NO_WORK, connection)
