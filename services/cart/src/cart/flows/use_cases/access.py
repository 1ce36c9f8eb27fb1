"""Start and find flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cart.carts.use_cases.offers import is_published, published
from cart.catalogue.domain.excerpt import Catalogue, Wanted
from cart.flows.domain.errors import FlowNotFound
from cart.flows.domain.flow import Flow
from cart.flows.use_cases.endings import FLOW_ABANDONMENT, FLOW_EXPIRY
from cart.flows.use_cases.policy import FlowPolicy
from kernel.ids import new_id
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class StartFlow:
    """Of ``slug`` and ``offer_id`` one is given."""

    slug: str | None
    offer_id: UUID | None
    session_id: str
    customer_id: str | None
    flow_type: str
    metadata: dict[str, Any]


async def start_flow(command: StartFlow, work: UnitOfWork, catalogue: Catalogue, policy: FlowPolicy) -> Flow:
    """Begin a shopper's way through the funnel of an offer. Raises OfferNotFound."""
    offers = () if command.offer_id is None else (command.offer_id,)
    excerpt = await catalogue.read(
        work.context.tenant,
        Wanted(offers=offers, slug=command.slug),
        until=lambda seen: any(is_published(it) for it in seen.offers.values()),
    )
    offer = published(next(iter(excerpt.offers.values()), None))
    flow = work.create(Flow, new_id())
    flow.start(
        offer_id=offer.offer_id,
        session_id=command.session_id,
        customer_id=command.customer_id,
        flow_type=command.flow_type,
        metadata=command.metadata,
        expires_at=work.now + policy.lifetime,
    )
    work.set_timer(FLOW_EXPIRY, flow.id, flow.expires_at)
    work.set_timer(FLOW_ABANDONMENT, flow.id, flow.abandoned_after(policy.idle))
    return flow


async def open_flow(flow_id: UUID, work: UnitOfWork) -> Flow:
    """Raises FlowNotFound."""
    flow = await work.open(Flow, flow_id)
    if not flow.exists:
        raise FlowNotFound("There is no such flow.")
    return flow
