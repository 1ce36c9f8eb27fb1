"""What a provider lists of an account: each movement of money, and each authorization that holds some."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from checkout_saga.payments.domain.operation import Unknown


class EntryKind(StrEnum):
    AUTHORIZATION = "authorization"
    """Listed as long as it holds money."""
    CAPTURE = "capture"
    REFUND = "refund"
    DISPUTE = "dispute"
    FEE = "fee"
    PAYOUT = "payout"


class EntryState(StrEnum):
    """``WON`` and ``LOST`` are those of closed disputes; ``FAILED``: a refund that did not reach the
    customer, perhaps after it was done."""

    DONE = "done"
    FAILED = "failed"
    OPEN = "open"
    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Entry:
    """``amount`` in minor units. The ids are those that the provider keeps with it for us; None: it keeps
    none, so it may be none of ours."""

    kind: EntryKind
    state: EntryState
    reference: str
    amount: int
    currency: str
    at: datetime
    """By the provider's clock."""
    payment_id: UUID | None = None
    checkout_id: UUID | None = None
    names_tenant: bool = False
    """What the provider keeps with it says that it was made for this tenant: also another's may lie in one
    account."""
    key: str | None = None
    detail: str = ""
    """Why it failed, or the reason of a dispute."""
    due_at: datetime | None = None
    """Until when a dispute may be answered."""


class Window(NamedTuple):
    """The entries of an account with ``since`` <= time < ``until``, by the provider's clock, and further
    disputes by the provider's ids: those that were open when they were last seen, however old."""

    gateway: str
    merchant: str
    since: datetime
    until: datetime
    disputes: frozenset[str] = frozenset()


class NotListed(Exception):
    """The provider does not answer with a list."""

    def __init__(self, outcome: Unknown) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome
