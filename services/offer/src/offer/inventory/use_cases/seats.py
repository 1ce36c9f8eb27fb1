"""The seats of a course with an enrolment limit are its stock."""

from __future__ import annotations

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.stock import Stock, stock_id


async def keep_seats(product_id: UUID, before: int | None, after: int | None, work: UnitOfWork) -> None:
    """Implements ``offer.catalogue.ports.Seats``. A limit that is taken away leaves the stock as it is."""
    if after is not None and after != before:
        stock = await work.open(Stock, stock_id(product_id))
        stock.limit_seats(product_id, before, after)
