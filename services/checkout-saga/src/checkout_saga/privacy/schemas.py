"""The requests and responses about what is held of a person, and its erasure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel

from checkout_saga.privacy.domain.sealed import opened
from checkout_saga.privacy.erasure import Receipt
from checkout_saga.privacy.held_facts import HeldFact
from kernel.http.descriptions import Word
from kernel.http.requests import Body, ShortText, no_address


class Erasure(Body):
    """The reason is kept in the log for ever: it must not contain personal data."""

    reason: Annotated[ShortText, AfterValidator(no_address)]


class ErasureReceipt(BaseModel):
    customer_id: str
    erased_at: datetime
    streams: int
    facts: int
    readable: int


class HeldFactView(BaseModel):
    stream_id: UUID
    fact_version: int
    fact_type: str
    recorded_at: datetime
    fact: dict[str, Any]


def show_receipt(receipt: Receipt) -> ErasureReceipt:
    return ErasureReceipt(**receipt._asdict())


def show_held(held: HeldFact, read: Callable[[str], Any]) -> HeldFactView:
    return HeldFactView(
        stream_id=held.stream_id,
        fact_version=held.version,
        fact_type=held.type,
        recorded_at=held.recorded_at,
        fact=opened(held.body, read),
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "Erasure": Word("Why the person is erased.", {"reason": "requested in writing"}),
        "Erasure.reason": Word("The reason, without personal data.", "requested in writing"),
        "ErasureReceipt": Word("What was erased, counted after the erasure."),
        "erased_at": Word("When the person was erased last.", "2026-03-01T12:00:00Z"),
        "streams": Word("The aggregates that had encrypted data of the person.", 3),
        "facts": Word("Their facts with encrypted data.", 4),
        "readable": Word("Those of these facts that can still be decrypted.", 0),
        "HeldFactView": Word("A fact about the person, decrypted, without payment tokens."),
        "fact_version": Word("The version of the aggregate after the fact.", 1),
        "fact_type": Word("The type of the fact.", "customer.created"),
        "recorded_at": Word("When the fact was recorded.", "2026-03-01T12:00:00Z"),
        "fact": Word(
            "The fact's body; what was encrypted under a key that has been erased is null.",
            {"customer_id": "customer-42", "personal": {"customer": {"email": "ana@example.com"}}},
        ),
    }
)
