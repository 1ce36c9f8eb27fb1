"""How flows end: by their time, or by the purchase of their cart. And when they count as abandoned."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from cart.flows.domain.flow import ENDED, Flow, FlowStatus
from cart.flows.use_cases.policy import FlowPolicy
from kernel.unit_of_work import UnitOfWork

FLOW_ABANDONMENT = "flow.abandonment"
FLOW_EXPIRY = "flow.expiry"


async def set_timers_again(flow: Flow, work: UnitOfWork) -> None:
    """Set the timers of a flow whose facts have been recovered. That of the abandonment finds out by itself
    when it is due."""
    if flow.status in ENDED:
        return
    work.set_timer(FLOW_EXPIRY, flow.id, flow.expires_at)
    if flow.status is FlowStatus.ACTIVE:
        work.set_timer(FLOW_ABANDONMENT, flow.id, flow.last_step_at)


async def abandon_flow(flow_id: UUID, work: UnitOfWork, policy: FlowPolicy) -> None:
    flow = await work.open(Flow, flow_id)
    if flow.status_at(work.now) is not FlowStatus.ACTIVE:
        return
    due_at = flow.abandoned_after(policy.idle)
    if work.now < due_at:
        work.set_timer(FLOW_ABANDONMENT, flow.id, due_at)
    else:
        flow.abandon()


async def expire_flow(flow_id: UUID, work: UnitOfWork) -> None:
    flow = await work.open(Flow, flow_id)
    if flow.is_overdue(work.now):
        flow.expire()
        work.cancel_timer(FLOW_ABANDONMENT, flow.id)


async def complete_flows(flow_ids: Collection[UUID], order_id: UUID, work: UnitOfWork) -> None:
    """Complete the flows that have led to an order, in the unit of work that converts their cart."""
    for flow in (await work.open_many(Flow, flow_ids)).values():
        if flow.status not in ENDED:
            flow.complete(order_id)
            work.cancel_timer(FLOW_ABANDONMENT, flow.id)
            work.cancel_timer(FLOW_EXPIRY, flow.id)
