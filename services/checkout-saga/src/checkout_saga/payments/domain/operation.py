"""An operation at a payment provider: its request, and its possible outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Operation(StrEnum):
    """Operations of the payment gateway; also the kinds of their timers."""

    AUTHORIZE = "authorize"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One intent, repeated under its key until its outcome is known. ``amount`` in minor units."""

    operation: Operation
    key: str
    gateway: str
    """The provider that is called, by the name that the facts record."""
    merchant: str
    payment_id: UUID
    checkout_id: UUID
    amount: int
    currency: str
    payment_token: str | None = None
    """Encrypted; only the adapter decrypts it."""
    customer_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """``amount`` is what the gateway says it has moved, in minor units."""

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
    """No answer, or an invalid one: the operation may have happened or not."""

    detail: str
    timed_out: bool = False
    """No answer came within the timeout; False for errors that come at once, such as a refused connection."""


Outcome = Done | Declined | ActionNeeded | Unknown
