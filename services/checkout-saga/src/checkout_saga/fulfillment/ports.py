"""The port for handing order lines over: one implementation for each product type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from checkout_saga.fulfillment.domain.results import Result
from checkout_saga.subscriptions.domain.sold import Price
from kernel.ids import NIL_ID
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be handed over to whom. Order and line are the key of the request: it counts once."""

    order_id: UUID
    line_id: str
    customer_id: str
    product_type: str
    course_ids: tuple[str, ...] = ()
    """The course itself, or those of a bundle."""
    product_id: UUID = NIL_ID
    name: str = ""
    """The product's, as it was sold."""
    plan_id: str | None = None
    price: Price | None = None
    """Of a subscription: what was paid for its first period."""
    asset: str | None = None
    """Of a digital product: the key of its file in the asset store."""
    quantity: int = 1
    """Units that are to be handed over."""
    vendor_id: str | None = None
    parcel: tuple[tuple[str, int], ...] = ()
    """Goods: the lines that leave together with this one, itself included, and their units. Empty: it
    leaves by itself."""
    gifts: tuple[tuple[UUID, str], ...] = ()
    """A team licence: who gets a seat of it, as a pseudonym of the address and the encrypted person."""


class Fulfiller(Protocol):
    """Never raises for what may happen to a delivery. It takes part in the unit of work, so it waits for
    nothing outside; what takes longer is ``Pending`` or ``Unknown`` at first."""

    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        """Hand it over; the same result again for one that was handed over before."""

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        """The result of a try whose result was unknown."""

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        """Take it back, as far as it can be; also one that was handed over in part, or not at all."""
