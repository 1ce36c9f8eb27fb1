"""What a checkout does to a cart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cart.carts.domain.cart_state import CartState
from contracts import cart as facts
from contracts.sale import Sale


class CartInCheckout(CartState):
    def lock_for(
        self,
        checkout_id: UUID,
        step: str,
        expires_at: datetime,
        sale: Sale,
        customer_id: str | None,
        shown: int,
        refused: Sequence[facts.RefusedRequest] = (),
    ) -> None:
        """``refused``: what was refused of the buyer's address."""
        self.record(
            facts.Locked(
                checkout_id=checkout_id,
                step=step,
                session_id=self.session_id,
                customer_id=self.customer_id or customer_id,
                lock_expires_at=expires_at,
                sale=sale,
                shown=shown,
                refused_requests=tuple(refused) or None,
            )
        )

    def hold_for(
        self, checkout_id: UUID, step: str, until: datetime | None = None, *, detach: bool = False
    ) -> None:
        self.record(facts.Held(checkout_id=checkout_id, step=step, until=until, detached=detach or None))

    def unlock(self, checkout_id: UUID, step: str, reason: str, *, detached: bool = False) -> None:
        """``detached``: its session has another open cart."""
        self.record(
            facts.Unlocked(checkout_id=checkout_id, step=step, reason=reason, detached=detached or None)
        )

    def convert(self, checkout_id: UUID, step: str, order_id: UUID) -> None:
        self.record(facts.Converted(checkout_id=checkout_id, step=step, order_id=order_id))
