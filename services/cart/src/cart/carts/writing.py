"""What every route does that changes one cart: run the use case, keep the cart's timers, show the cart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from uuid import UUID

from fastapi import Response

from cart.carts.schemas.views import view
from cart.carts.use_cases.abandonment import keep_timers
from cart.carts.use_cases.cart_access import PricedCart, open_cart
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue
from kernel.http.handlers import UseCase, execute
from kernel.http.idempotent_commands import CommandRequest
from kernel.unit_of_work import UnitOfWork

Change: TypeAlias = Callable[..., Awaitable[PricedCart]]
"""A use case that takes the unit of work, and ``catalogue`` by name."""


@dataclass(frozen=True, slots=True)
class Writer:
    catalogue: Catalogue
    policy: Policy

    async def change(self, write: CommandRequest, cart_id: UUID, use_case: Change) -> Response:
        """Change an existing cart, if it has the version that the caller names by If-Match."""
        return await self.respond(write, cart_id, partial(use_case, catalogue=self.catalogue))

    async def respond(self, write: CommandRequest, cart_id: UUID, use_case: UseCase[PricedCart]) -> Response:
        async def act(work: UnitOfWork) -> PricedCart:
            priced = await use_case(work)
            keep_timers(priced.cart, work, self.policy)
            return priced

        return await execute(write, open_cart, cart_id, act, view)
