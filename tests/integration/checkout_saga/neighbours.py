"""Cart and offer as a checkout sees them: they answer its commands."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts.envelope import Reply
from kernel.context import Context
from kernel.store.event_store import EventStore
from tests.support.database import Pool
from tests.unit.checkout_saga import examples

CONTEXT = Context(tenant="demo", correlation_id="neighbour", causation_id="answer", actor="/feira/neighbour")
ANSWERS = {
    step_names.LOCK_CART: examples.cart_locked(examples.PLAIN),
    step_names.RESERVE_STOCK: examples.stock_reserved(),
    step_names.CONFIRM_PRICE: examples.price_confirmed(examples.PLAIN),
    step_names.CONFIRM_STOCK: examples.stock_confirmed(),
}
COMPENSATIONS = {
    step_names.LOCK_CART: examples.cart_unlocked(),
    step_names.RESERVE_STOCK: examples.stock_released(),
}
ENDS = {"completed", "failed"}


class Neighbours:
    def __init__(self, store: EventStore, pool: Pool) -> None:
        self.store = store
        self.pool = pool

    async def answer(self, checkout_id: str, answer: Reply, context: Context = CONTEXT) -> None:
        reply = answer.model_copy(update={"process_id": UUID(checkout_id)})
        await self.store.run(context, lambda work: CHECKOUTS.on_reply(reply, work))

    async def serve(
        self, shop: httpx.AsyncClient, checkout_id: str, until: set[str], limit: float = 45
    ) -> dict[str, Any]:
        """Answer this checkout's commands until it is in one of these states."""
        async with asyncio.timeout(limit):
            while True:
                it = (await shop.get(f"/v1/checkouts/{checkout_id}")).json()
                if it["status"] in until:
                    return dict(it)
                asked = {one["name"]: one for one in it["steps"]}
                for step, answer in ANSWERS.items():
                    if asked[step]["status"] == "started" and it["failure"] is None:
                        await self.answer(checkout_id, answer)
                for step, answer in COMPENSATIONS.items():
                    if asked[step]["compensation"] == "started":
                        await self.answer(checkout_id, answer)
                await asyncio.sleep(0.05)

    async def types(self, *streams: UUID) -> list[str]:
        """The facts of these streams, in the order of the log."""
        rows = await self.pool.fetch(
            "SELECT type FROM log WHERE stream_id = ANY($1) ORDER BY position", list(streams)
        )
        return [row["type"] for row in rows]


def order_for(token: str = "tok_ok", **other: Any) -> dict[str, Any]:
    return {
        "cart_id": str(uuid4()),
        "customer": {"email": f"{uuid4().hex}@example.com", "name": "Ada"},
        "payment": {"method": "card", "token": token},
        **other,
    }


async def begin(shop: httpx.AsyncClient, token: str = "tok_ok", **other: Any) -> str:
    answer = await shop.post(
        "/v1/checkouts", json=order_for(token, **other), headers={"Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["checkout_id"])
