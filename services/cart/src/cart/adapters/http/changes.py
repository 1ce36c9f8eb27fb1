"""What every change of a cart over HTTP has in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Response

from cart.adapters.http.views import view
from cart.application.cart_at_hand import Shown, existing_cart
from kernel.http.answers import Answer
from kernel.http.writes import Write
from kernel.work import Work


async def change(cart_id: UUID, write: Write, use_case: Callable[[Work], Awaitable[Shown]]) -> Response:
    """The answer is the cart as the change has left it."""

    async def act(work: Work) -> Answer:
        write.check(await existing_cart(cart_id, work))
        shown = await use_case(work)
        return Answer(view(shown, work.now), shown.cart.version)

    return await write.run(act)
