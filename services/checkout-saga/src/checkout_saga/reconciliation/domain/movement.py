"""A fee or a payout of a provider, which the log only notes."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.payments.domain.entries import Entry, EntryKind
from contracts import provider as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id

FACTS = {EntryKind.FEE: facts.FeeCharged, EntryKind.PAYOUT: facts.PaidOut}


class Movement(Aggregate):
    KEPT_IN_MEMORY = False

    def initialise(self) -> None:
        self.amount = 0

    def note(self, entry: Entry, account_id: UUID, gateway: str) -> None:
        """Ignored if it was noted before."""
        if self.exists:
            return
        kind = FACTS[entry.kind]
        self.record(
            kind(
                account_id=account_id,
                gateway=gateway,
                reference=entry.reference,
                amount=entry.amount,
                currency=entry.currency,
                moved_at=entry.at,
            )
        )

    def evolve(self, fact: facts.FeeCharged | facts.PaidOut) -> None:
        self.amount = fact.amount


def movement_id(account_id: UUID, entry: Entry) -> UUID:
    """Derived, so that each run notes the same one; a payout and its fee have one reference."""
    return derive_id(account_id, f"{entry.kind}:{entry.reference}")
