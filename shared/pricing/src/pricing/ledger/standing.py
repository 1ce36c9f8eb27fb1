"""What later postings of a stream depend on: what a payment holds, what an order was charged and owes."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from contracts.order import RefundShare
from pricing.refunds import Remainder


class Standing(BaseModel):
    checkout_id: UUID | None = None
    currency: str = ""
    gateway: str = ""
    held: int = 0
    """Authorized, and neither captured nor voided."""
    found: int = 0
    """Money at the gateway that no checkout accounts for."""
    charged: tuple[RefundShare, ...] = ()
    requested: dict[str, tuple[RefundShare, ...]] = {}
    """By refund, of those that are owed or paid."""
    failed: dict[str, tuple[RefundShare, ...]] = {}
    compensated: tuple[RefundShare, ...] = ()
    """Refunded by the checkout, without a request."""

    def remainder(self) -> Remainder:
        """What is left of each line and of the shipping after all refunds."""
        remainder = Remainder(self.charged)
        for shares in (*self.requested.values(), self.compensated):
            remainder.deduct(shares)
        return remainder
