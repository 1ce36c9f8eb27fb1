"""What the catalogue asks of other slices."""

from typing import Protocol
from uuid import UUID

from contracts.plan import PlanTerms
from kernel.unit_of_work import UnitOfWork


class Seats(Protocol):
    """Keeps the stock of a product with an enrolment limit."""

    async def __call__(
        self, product_id: UUID, before: int | None, after: int | None, work: UnitOfWork
    ) -> None:
        """The limit of the product changes; None: it has none."""


class Plans(Protocol):
    """The plans to which products are sold as subscriptions."""

    async def terms_of(self, plan_id: str, product_id: UUID, work: UnitOfWork) -> PlanTerms:
        """For a product that is to join the plan, or to be put on sale with it. Raises ``PlanNotFound``,
        ``PlanNotActive``, and ``Invalid`` for too many products."""

    async def move(self, product_id: UUID, before: str | None, after: str | None, work: UnitOfWork) -> None:
        """The plan of the product changes; None: it has none. ``terms_of`` has been asked."""
