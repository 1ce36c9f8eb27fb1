"""Request and response bodies of the gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from kernel.http.requests import Body, Currency, Id, Instant, ShortText, Text, Trimmed, https_url

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
    """``token``: pix and boleto need none."""

    checkout_id: Id
    token: Text | None = None
    method: Literal["pix", "boleto"] | None = None
    expires_at: Instant | None = None
    return_url: Annotated[str, Trimmed(2000), AfterValidator(https_url)] | None = None


class Act(Body):
    do: Literal["approve", "decline", "pay"]
    amount: Positive | None = None


class OpenDispute(Body):
    payment_id: Id
    amount: Positive | None = None
    """None: all that is left of what was captured."""
    reason: ShortText


class CloseDispute(Body):
    outcome: Literal["won", "lost"]


class Dispute(BaseModel):
    dispute_id: UUID
    payment_id: UUID
    status: Literal["open", "won", "lost"]
    amount: int
    currency: str
    reason: str
    opened_at: Instant
    due_at: Instant


class Answer(BaseModel):
    """The operation stored under a key; never changes."""

    operation: Literal["authorize", "confirm", "capture", "void", "refund"]
    status: Literal[
        "authorized", "requires_action", "declined", "captured", "voided", "refunded", "refused", "pending"
    ]
    payment_id: UUID
    key: str
    reference: str
    amount: int
    currency: str | None = None
    """None for the void of an unknown payment."""
    code: str | None = None
    action_url: str | None = None
    action_kind: str | None = None
    action_data: dict[str, str] | None = None
    action_until: Instant | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """``row``: the operation, with the method of its payment and until when it is to be paid."""
        answer = cls.model_validate(dict(row))
        method = row.get("method")
        if answer.status != "requires_action" or method is None:
            return answer
        paid_by = {"code" if method == "pix" else "number": f"sim{answer.payment_id.hex}"}
        return answer.model_copy(
            update={"action_kind": method, "action_data": paid_by, "action_until": row["expires_at"]}
        )


class Entry(BaseModel):
    operation: str
    payment_id: UUID
    key: str
    amount: int
    currency: str | None
    status: str
    checkout_id: UUID | None
    at: Instant


class Held(BaseModel):
    """A movement of money, or an authorization that still holds some. The amount of a fee is below 0 if it
    was given back."""

    kind: Literal["authorization", "capture", "refund", "fee", "dispute"]
    state: Literal["open", "done", "won", "lost"]
    reference: str
    amount: int
    currency: str
    at: Instant
    payment_id: UUID
    checkout_id: UUID | None
    key: str | None
    """None: the merchant has not asked for it."""
    detail: str
    due_at: Instant | None


class HeldPage(BaseModel):
    entries: list[Held]
    next: int | None
    """Where the next page begins; None: this is the last one."""
