"""A small aggregate for these tests: the number of units on one shelf."""

from __future__ import annotations

from uuid import UUID, uuid4

from contracts import cart, stock
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

DEMO = Context(tenant="demo", correlation_id="correlation", causation_id="request", actor="a tester")
RIVAL = Context(tenant="rival", correlation_id="correlation", causation_id="request", actor="a tester")


class Shelf(Aggregate):
    def initialise(self) -> None:
        self.on_hand = 0

    def receive(self, quantity: int) -> None:
        self.record(stock.Received(product_id=self.id, quantity=quantity))

    def count(self, on_hand: int) -> None:
        self.record(stock.Adjusted(product_id=self.id, on_hand=on_hand, allow_backorders=False))

    def evolve(self, fact: stock.Received | stock.Adjusted) -> None:
        match fact:
            case stock.Received(quantity=quantity):
                self.on_hand += quantity
            case stock.Adjusted(on_hand=on_hand):
                self.on_hand = on_hand


async def put_on_shelf(store: EventStore, shelf_id: UUID, quantity: int, context: Context = DEMO) -> None:
    async def act(work: UnitOfWork) -> None:
        (await work.open(Shelf, shelf_id)).receive(quantity)

    await store.run(context, act)


async def lying_on(store: EventStore, shelf_id: UUID, context: Context = DEMO) -> int:
    work = await store.begin(context)
    return (await work.open(Shelf, shelf_id)).on_hand


def unlock(cart_id: UUID) -> cart.Unlock:
    """Any command; its content does not matter here."""
    return cart.Unlock(checkout_id=uuid4(), step="lock_cart", cart_id=cart_id, reason="a test")
