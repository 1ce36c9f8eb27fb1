"""A command that would have made an offer, and was refused.

It has a stream of its own, so that no stream holds both an offer and its failure."""

from typing import assert_never

from contracts import offer as facts
from kernel.domain import Aggregate, Refused

CREATE, FROM_PRODUCT = "create", "from_product"


class CreationFailure(Aggregate):
    def initialise(self) -> None:
        """One fact is all that there is."""

    def fail(self, command: str, slug: str | None, refused: Refused, correlation_id: str) -> None:
        self.record(
            facts.CreationFailed(
                correlation_id=correlation_id,
                command=command,
                slug=slug,
                code=refused.code,
                detail=refused.detail,
            )
        )

    def evolve(self, fact: facts.CreationFailed) -> None:
        match fact:
            case facts.CreationFailed():
                pass
            case _:
                assert_never(fact)
