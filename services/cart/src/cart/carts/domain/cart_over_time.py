"""What becomes of a cart with time: its customer is reminded of it, or it ends."""

from __future__ import annotations

from uuid import UUID

from cart.carts.domain.cart_state import CartState
from cart.carts.domain.status import Status
from contracts import cart as facts
from contracts.sale import Sale


class CartOverTime(CartState):
    def abandon(self, value: int) -> None:
        """There was no activity for some time. ``value``: the cart's total, in minor units."""
        self.record(
            facts.Abandoned(
                customer_id=self.customer_id,
                currency=self.currency,
                value=value,
                items=len(self.lines),
                last_activity_at=self.last_activity_at,
            )
        )

    def remind(self, sale: Sale) -> None:
        """It is time for the next message to the customer. Without a customer it is left out, and counts as
        used."""
        attempt = self.recovery_attempts + 1
        if self.customer_id is None:
            self.record(facts.RecoverySkipped(attempt=attempt))
            return
        self.record(
            facts.RecoveryDue(
                attempt=attempt,
                customer_id=self.customer_id,
                currency=sale.currency,
                totals=sale.totals,
                lines=tuple(
                    facts.RecoveryLine(name=line.name, quantity=line.quantity, total=line.total)
                    for line in sale.lines
                ),
                expires_at=self.expires_at,
            )
        )

    def reactivate(self, by: str, attempt: int | None = None) -> None:
        """Make an abandoned cart active again: once for each abandonment."""
        if self.status is Status.ABANDONED:
            self.record(facts.Recovered(by=by, attempt=attempt))

    def expire(self) -> None:
        self.record(facts.Expired())

    def end_by_merge(self, into_cart_id: UUID, strategy: str, sessions: tuple[str, ...]) -> None:
        self.record(
            facts.Merged(
                guest_cart_id=self.id, into_cart_id=into_cart_id, strategy=strategy, sessions=sessions
            )
        )
