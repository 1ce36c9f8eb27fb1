"""What this service needs from the outside world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from checkout_saga.domain.steps import Operation


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One intent: repeated under the same key until its outcome is known. The amount is in minor units."""

    operation: Operation
    key: str
    merchant: str
    payment_id: UUID
    checkout_id: UUID
    amount: int
    currency: str
    payment_token: str | None = None
    """Still encrypted; only the adapter opens it."""
    customer_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """``amount`` is what the gateway says it has moved."""

    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class Declined:
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class ActionNeeded:
    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No answer, or none that can be trusted: it may have happened or not."""

    detail: str
    timed_out: bool = False
    """Nothing came at all, for as long as we wait; a refused connection is told at once."""


Outcome = Done | Declined | ActionNeeded | Unknown


class Gateway(Protocol):
    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        """What became of its key, without asking for anything; None: nothing was ever asked under it."""

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        """Never raises for what the gateway does; ``again``: it may have been performed already, so ask
        by the key first."""
