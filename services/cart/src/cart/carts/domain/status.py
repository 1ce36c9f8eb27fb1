"""The statuses of a cart, and a checkout's lock on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.cart import Locked, RefusedRequest
from contracts.sale import Sale


class Status(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    ABANDONED = "abandoned"
    CONVERTED = "converted"
    EXPIRED = "expired"
    MERGED = "merged"


class Phase(StrEnum):
    """What an open cart waits for."""

    ACTIVITY = "activity"
    """It is active and holds something; without activity it is abandoned."""
    RETURN = "return"
    """It is abandoned: its customer is reminded of it."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Lock:
    checkout_id: UUID
    step: str
    expires_at: datetime
    sale: Sale
    customer_id: str | None = None
    """The buyer; a guest has an id, too."""
    shown: int | None = None
    """The total that the cart last showed before the lock, in minor units."""
    refused_requests: tuple[RefusedRequest, ...] | None = None
    """Those of the buyer's address."""
    held: bool = False
    """Whether it lasts until the checkout ends it, without a time limit."""

    def held_until(self, until: datetime | None) -> Lock:
        """The lock as it is held for a payment; None: without a time limit."""
        if until is None:
            return replace(self, held=True)
        return replace(self, expires_at=max(self.expires_at, until))

    @classmethod
    def granted_by(cls, fact: Locked) -> Lock:
        return cls(
            fact.process_id,
            fact.step,
            fact.lock_expires_at,
            fact.sale,
            fact.customer_id,
            fact.shown,
            fact.refused_requests,
        )
