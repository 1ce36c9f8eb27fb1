"""What waits for an operator, as operators see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, get_args
from uuid import UUID

from pydantic import BaseModel

from checkout_saga.operations.attention.entries import Entry
from kernel.http.descriptions import Word

Kind = Literal[
    "checkout",
    "refund",
    "review",
    "provider_mismatch",
    "webhook",
    "clearing",
    "reconciliation",
    "fulfillment",
    "notification",
]
"""Those of the sources."""
KINDS: tuple[Kind, ...] = get_args(Kind)


class AttentionView(BaseModel):
    kind: Kind
    id: UUID
    order_id: UUID | None = None
    line_id: str | None = None
    since: datetime
    code: str
    detail: str
    tries: int
    next_try_at: datetime | None = None
    actions: list[str]


def show_entry(it: Entry) -> AttentionView:
    return AttentionView.model_validate(it._asdict())


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "AttentionView": Word("Something that needs an operator."),
        "AttentionView.kind": Word("Its kind.", "refund"),
        "AttentionView.id": Word(
            "The checkout, the refund, the fulfilment of the line, the difference, the reconciliation "
            "that has failed, or the notification.",
            "019a2b3c-0007-7000-8000-000000000001",
        ),
        "AttentionView.order_id": Word(
            "The order of a refund, a line or a notification.", "019a2b3c-0004-7000-8000-000000000001"
        ),
        "AttentionView.line_id": Word("The line that could not be handed over.", None),
        "since": Word("Since when it has needed an operator.", "2026-03-01T12:00:00Z"),
        "AttentionView.code": Word("Why it needs an operator.", "PAYMENT_OUTCOME_UNKNOWN"),
        "AttentionView.detail": Word("The same in a sentence.", ""),
        "tries": Word("The number of tries by then.", 8),
        "next_try_at": Word("When the system itself tries again; null: not by itself.", None),
        "actions": Word("The possible actions.", ["retry", "resolve"]),
        "list_attention.kind": Word("Only entries of this kind.", "refund"),
    }
)
