"""What the buyer of one order is proposed after the purchase; decided once."""

from collections.abc import Sequence
from uuid import UUID

from contracts import upsell as facts
from kernel import ids
from kernel.domain import Aggregate
from offer.inventory.domain.reply_to import ReplyTo

MOST_PROPOSED = 3


def proposals_id(order_id: UUID) -> UUID:
    return ids.derive_id(order_id, "upsells")


class Proposals(Aggregate):
    def initialise(self) -> None:
        self.made: tuple[facts.Proposal, ...] | None = None
        """None: not decided yet."""

    def repeat(self, to: ReplyTo) -> bool:
        """Record the earlier outcome again. False if there is none."""
        if self.made is not None:
            self.make(to, self.made)
        return self.made is not None

    def make(self, to: ReplyTo, upsells: Sequence[facts.Proposal]) -> None:
        self.record(facts.Proposed(checkout_id=to.process_id, step=to.step, upsells=tuple(upsells)))

    def of(self, upsell_id: UUID) -> facts.Proposal | None:
        return next((it for it in self.made or () if it.upsell_id == upsell_id), None)

    def evolve(self, fact: facts.Proposed) -> None:
        if self.made is None:
            self.made = fact.upsells
