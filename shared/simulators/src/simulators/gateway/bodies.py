"""Request and response bodies of the gateway."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.http.requests import Body, Currency, Id, Instant, ShortText, Text

Positive = Annotated[int, Field(ge=1, le=10**12)]
"""Minor units."""


class Confirm(Body):
    merchant: ShortText


class Void(Body):
    merchant: ShortText
    payment_id: Id


class Capture(Void):
    amount: Positive
    currency: Currency


class Refund(Capture):
    reason: Text


class Authorize(Capture):
    checkout_id: Id
    token: Text


class Answer(BaseModel):
    """The operation stored under a key; never changes."""

    operation: Literal["authorize", "confirm", "capture", "void", "refund"]
    status: Literal["authorized", "requires_action", "declined", "captured", "voided", "refunded", "refused"]
    payment_id: UUID
    key: str
    reference: str
    amount: int
    currency: str | None = None
    """None for the void of an unknown payment."""
    code: str | None = None
    action_url: str | None = None


class Entry(BaseModel):
    operation: str
    payment_id: UUID
    key: str
    amount: int
    currency: str | None
    status: str
    checkout_id: UUID | None
    at: Instant
