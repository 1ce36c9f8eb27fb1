"""The handlers of all timers of the cart service."""

from __future__ import annotations

from collections.abc import Mapping

from cart.carts.use_cases.abandonment import abandon_cart, request_message
from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import ABANDONMENT, CART_EXPIRY, LOCK_EXPIRY, RECOVERY
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.syncing import SYNC, OpenCarts, sync_page
from cart.catalogue.domain.excerpt import Catalogue
from cart.flows.use_cases.endings import FLOW_ABANDONMENT, FLOW_EXPIRY, abandon_flow, expire_flow
from cart.flows.use_cases.policy import FlowPolicy
from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork

SYNC_PAGE = 500
"""Carts of one transaction."""


def handlers(
    catalogue: Catalogue, open_carts: OpenCarts, policy: Policy, flow_policy: FlowPolicy
) -> Mapping[str, TimerHandler]:
    """The handler of each kind of timer."""

    async def expire(timer: DueTimer, work: UnitOfWork) -> None:
        await expire_cart(timer.subject, work, catalogue, policy)

    async def abandon(timer: DueTimer, work: UnitOfWork) -> None:
        await abandon_cart(timer.subject, work, catalogue, policy)

    async def request(timer: DueTimer, work: UnitOfWork) -> None:
        await request_message(timer.subject, work, catalogue, policy)

    async def sync(timer: DueTimer, work: UnitOfWork) -> None:
        # a page that other writers overtake is tried again as a smaller one
        limit = max(1, SYNC_PAGE >> timer.attempts)
        await sync_page(timer.subject, work, catalogue, open_carts, limit)

    async def abandon_idle_flow(timer: DueTimer, work: UnitOfWork) -> None:
        await abandon_flow(timer.subject, work, flow_policy)

    async def expire_overdue_flow(timer: DueTimer, work: UnitOfWork) -> None:
        await expire_flow(timer.subject, work)

    return {
        CART_EXPIRY: expire,
        LOCK_EXPIRY: expire,
        ABANDONMENT: abandon,
        RECOVERY: request,
        SYNC: sync,
        FLOW_ABANDONMENT: abandon_idle_flow,
        FLOW_EXPIRY: expire_overdue_flow,
    }
