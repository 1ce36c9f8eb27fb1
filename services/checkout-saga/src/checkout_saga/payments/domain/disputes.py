"""The disputes of a payment: what customers demand back through their banks or the provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict
from uuid import UUID

from contracts import payment as facts

WON, LOST = "won", "lost"
"""Outcomes of disputes."""

OPEN_DISPUTE = "open_dispute"
"""A unique key that the checkout holds while one of its payments is disputed; the value is the gateway
and the provider's id."""


def open_dispute_key(gateway: str, dispute_id: str) -> str:
    return f"{gateway}/{dispute_id}"


class DisputeDetails(TypedDict):
    """The fields of every fact of a dispute."""

    dispute_id: str
    checkout_id: UUID
    gateway: str
    amount: int
    currency: str


@dataclass(slots=True)
class Disputes:
    """Amounts by the provider's ids, in minor units."""

    open: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    won: set[str] = field(default_factory=set)

    def knows(self, dispute_id: str) -> bool:
        return dispute_id in self.open or dispute_id in self.lost or dispute_id in self.won

    @property
    def kept(self) -> int:
        """What cannot be refunded: it is demanded back, or the customer has it."""
        return sum(self.open.values()) + sum(self.lost.values())

    def apply(self, fact: facts.DisputeOpened | facts.DisputeClosed) -> None:
        if isinstance(fact, facts.DisputeOpened):
            self.open[fact.dispute_id] = fact.amount
            return
        amount = self.open.pop(fact.dispute_id)
        if fact.outcome == LOST:
            self.lost[fact.dispute_id] = amount
        else:
            self.won.add(fact.dispute_id)
