"""Record the current prices in several open carts."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from uuid import UUID

from cart.carts.domain.cart import Cart
from cart.carts.domain.cart_state import CATALOGUE
from cart.carts.domain.status import Status
from cart.carts.use_cases.cart_access import record_prices, wanted_by
from cart.catalogue.domain.excerpt import Catalogue
from kernel.unit_of_work import UnitOfWork

YIELD_EVERY = 50
"""Carts that are repriced at a time; the event loop serves requests in between."""
OPEN = frozenset({Status.ACTIVE, Status.ABANDONED})


async def reprice_carts(
    cart_ids: Collection[UUID], work: UnitOfWork, catalogue: Catalogue, reason: str = CATALOGUE
) -> None:
    """A locked cart keeps its prices, and records the current ones when it is unlocked."""
    carts = [cart for cart in (await work.open_many(Cart, cart_ids)).values() if is_open(cart, work)]
    if not carts:
        return
    excerpt = await catalogue.read(work.context.tenant, wanted_by(*carts))
    for number, cart in enumerate(carts, start=1):
        record_prices(cart, excerpt, work, reason)
        if number % YIELD_EVERY == 0:
            await asyncio.sleep(0)


def is_open(cart: Cart, work: UnitOfWork) -> bool:
    return cart.exists and cart.status in OPEN and not cart.is_overdue(work.now)
