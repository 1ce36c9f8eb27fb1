"""Run what needs a session's cart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Response

from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.shopping import SessionHasOverdueCart
from cart.catalogue.domain.excerpt import Catalogue
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.results import Result
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


async def run_in_session(
    write: CommandRequest,
    act: Callable[[UnitOfWork], Awaitable[Result]],
    store: EventStore,
    catalogue: Catalogue,
    policy: Policy,
) -> Response:
    """Run ``act``. If the session's cart has outlived its lifetime, expire it and run ``act`` again: a
    session has one open cart at a time."""
    try:
        return await write.run(act)
    except SessionHasOverdueCart as refusal:
        overdue_id = refusal.cart_id
    await store.run(write.context, lambda work: expire_cart(overdue_id, work, catalogue, policy))
    return await write.run(act)
