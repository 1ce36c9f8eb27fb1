"""That a storefront has shown an offer."""

from typing import assert_never
from uuid import UUID

from contracts import offer as facts
from kernel.domain import Aggregate


class Viewing(Aggregate):
    """A stream of one fact, which nothing reads again."""

    KEPT_IN_MEMORY = False

    def initialise(self) -> None:
        """One fact is all that there is."""

    def show(self, offer_id: UUID, session_id: str | None, variant_id: UUID | None) -> None:
        self.record(facts.Viewed(offer_id=offer_id, session_id=session_id, variant_id=variant_id))

    def evolve(self, fact: facts.Viewed) -> None:
        match fact:
            case facts.Viewed():
                pass
            case _:
                assert_never(fact)
