"""What can become of a cart, and what a checkout holds while it is locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.cart import Locked
from contracts.sale import Sale


class Status(StrEnum):
    ACTIVE = "active"
    LOCKED = "locked"
    CONVERTED = "converted"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Lock:
    checkout_id: UUID
    step: str
    expires_at: datetime
    sale: Sale
    customer_id: str | None = None
    """Who is buying it: a guest has an id, too."""
    shown: int | None = None
    """The total that the cart last showed."""
    held: bool = False
    """Whether it lasts until the checkout ends it."""

    @classmethod
    def granted_by(cls, it: Locked) -> Lock:
        return cls(it.process_id, it.step, it.lock_expires_at, it.sale, it.customer_id, it.shown)
