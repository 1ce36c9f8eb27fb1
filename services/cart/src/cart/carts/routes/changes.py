"""Run a use case that changes a cart, as an HTTP request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Response

from cart.carts.schemas.views import view
from cart.carts.use_cases.cart_access import PricedCart, open_cart
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.results import Result
from kernel.unit_of_work import UnitOfWork


async def change(
    cart_id: UUID, write: CommandRequest, use_case: Callable[[UnitOfWork], Awaitable[PricedCart]]
) -> Response:
    """Check If-Match, run the use case, and respond with the changed cart. Raises CartNotFound."""

    async def act(work: UnitOfWork) -> Result:
        write.check(await open_cart(cart_id, work))
        priced = await use_case(work)
        return Result(view(priced, work.now), priced.cart.version)

    return await write.run(act)
