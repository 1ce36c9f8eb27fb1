"""Per checkout, the answers to its lock, hold, unlock and convert commands that leave the cart as it is."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from cart.carts.domain.errors import CartNotActive
from cart.carts.domain.status import Lock
from contracts import cart as facts
from kernel.domain import Aggregate, Refused
from kernel.ids import derive_id


def lock_attempt_id(checkout_id: UUID) -> UUID:
    return derive_id(checkout_id, "cart lock")


class LockAttempt(Aggregate):
    """A stream beside the cart's, so that a repeated command is answered as before, and a lock that arrives
    after its own unlock is refused, while the cart's stream holds each lock once."""

    def initialise(self) -> None:
        self.lock_refusal: facts.LockRefused | None = None
        self.conversion_refusal: facts.ConversionRefused | None = None
        self.abandoned = False

    def repeat_refusal(self, checkout_id: UUID, step: str) -> bool:
        """Repeat the refusal of this lock; refuse it also if its unlock arrived first. False: neither
        applies."""
        if self.lock_refusal is not None:
            self._replay(self.lock_refusal)
        elif self.abandoned:
            refusal = CartNotActive("The checkout gave the cart up before it was locked.")
            self.refuse_lock(checkout_id, step, refusal)
        else:
            return False
        return True

    def repeat_lock(self, lock: Lock, session_id: str) -> None:
        self.record(
            facts.Locked(
                checkout_id=lock.checkout_id,
                step=lock.step,
                session_id=session_id,
                customer_id=lock.customer_id,
                lock_expires_at=lock.expires_at,
                sale=lock.sale,
                shown=lock.shown,
                refused_requests=lock.refused_requests,
            )
        )

    def refuse_lock(self, checkout_id: UUID, step: str, refusal: Refused) -> None:
        self.record(
            facts.LockRefused(
                checkout_id=checkout_id,
                step=step,
                code=refusal.code,
                detail=refusal.detail,
                held_by=refusal.members.get("checkout_id"),
                cart_status=refusal.members.get("cart_status"),
                customer_id=refusal.members.get("customer_id"),
                was=refusal.members.get("was"),
                now=refusal.members.get("now"),
                discount_code=refusal.members.get("discount_code"),
                reason=refusal.members.get("reason"),
                missing=refusal.members.get("missing"),
            )
        )

    def unlock(self, checkout_id: UUID, step: str, reason: str) -> None:
        """Answer an unlock of a cart that the checkout does not hold; a lock that arrives later is
        refused."""
        self.record(facts.Unlocked(checkout_id=checkout_id, step=step, reason=reason))

    def refuse_hold(self, checkout_id: UUID, step: str, cart_status: str) -> None:
        self.record(facts.HoldRefused(checkout_id=checkout_id, step=step, cart_status=cart_status))

    def repeat_conversion(self, checkout_id: UUID, step: str, order_id: UUID) -> None:
        self.record(facts.Converted(checkout_id=checkout_id, step=step, order_id=order_id))

    def refuse_conversion(self, checkout_id: UUID, step: str, refusal: Refused) -> None:
        self.record(
            facts.ConversionRefused(
                checkout_id=checkout_id,
                step=step,
                code=refusal.code,
                detail=refusal.detail,
                held_by=refusal.members.get("checkout_id"),
                cart_status=refusal.members.get("cart_status"),
            )
        )

    def repeat_conversion_refusal(self) -> bool:
        if self.conversion_refusal is None:
            return False
        self._replay(self.conversion_refusal)
        return True

    def _replay(self, answer: facts.LockRefused | facts.ConversionRefused) -> None:
        self.record(answer.unrecorded())

    def evolve(self, fact: facts.LockRequestFact) -> None:
        match fact:
            case facts.LockRefused():
                self.lock_refusal = fact
            case facts.Unlocked():
                self.abandoned = True
            case facts.ConversionRefused():
                self.conversion_refusal = fact
            case facts.Locked() | facts.Converted() | facts.HoldRefused():
                pass
            case _:
                assert_never(fact)
