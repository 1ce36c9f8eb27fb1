"""What hands digital products over, outside of the services: it fails, waits and is silent on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from checkout_saga.fulfillment.domain.results import Failed, Fulfilled, Pending, Result, Unknown
from checkout_saga.fulfillment.ports import Delivery, Fulfiller
from checkout_saga.fulfillment.use_cases import defaults
from checkout_saga.fulfillment.use_cases.handing_over import line_of
from kernel.unit_of_work import UnitOfWork

TYPE = "digital_product"
RESULTS: dict[str, Result] = {
    "done": Fulfilled("outside"),
    "later": Pending("outside"),
    "fails": Failed("OUTSIDE_FAILED", "It did not go.", retriable=True),
    "refused": Failed("OUTSIDE_REFUSED", "It will not go.", retriable=False),
    "unknown": Unknown(),
    "unheard": Unknown(),
}
"""What a try answers; "unheard" has taken effect all the same, and a look-up says so."""


class OutsideFulfiller(Fulfiller):
    """What a try answers follows from its number, and what a look-up answers from the one before it: a unit
    of work that is run again gets the same."""

    def __init__(self, outcomes: Sequence[str]) -> None:
        self._outcomes = outcomes

    async def perform(self, delivery: Delivery, work: UnitOfWork) -> Result:
        attempt = (await line_of(delivery, work)).attempt
        if attempt > 1 and self._outcome(attempt - 1) == "unheard":
            return RESULTS["done"]  # the key has been used
        return RESULTS[self._outcome(attempt)]

    async def find(self, delivery: Delivery, work: UnitOfWork) -> Result:
        return await self.perform(delivery, work)

    async def revoke(self, delivery: Delivery, work: UnitOfWork) -> None:
        """Nothing is counted there: the facts show whether a line was handed over after it was revoked."""

    def _outcome(self, attempt: int) -> str:
        return self._outcomes[min(attempt, len(self._outcomes)) - 1]


@contextmanager
def handing_over(outcomes: Sequence[str]) -> Iterator[None]:
    """Without ``outcomes`` the product's own way stays."""
    usual = dict(defaults.FULFILLERS)
    if outcomes:
        defaults.FULFILLERS[TYPE] = OutsideFulfiller(outcomes)
    try:
        yield
    finally:
        defaults.FULFILLERS.clear()
        defaults.FULFILLERS.update(usual)
