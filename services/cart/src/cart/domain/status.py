"""What can become of a cart, and what a checkout holds while it is locked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

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
    held: bool = False
    """Whether it lasts until the checkout ends it."""
