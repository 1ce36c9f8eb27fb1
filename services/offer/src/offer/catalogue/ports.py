"""What the catalogue asks of other slices."""

from typing import Protocol
from uuid import UUID

from kernel.unit_of_work import UnitOfWork


class Seats(Protocol):
    """Keeps the stock of a product with an enrolment limit."""

    async def __call__(
        self, product_id: UUID, before: int | None, after: int | None, work: UnitOfWork
    ) -> None:
        """The limit of the product changes; None: it has none."""
