"""The requests and the view of returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from checkout_saga.orders.domain.goods_return import GoodsReturn
from checkout_saga.orders.schemas.requests import ReasonCode
from contracts.return_ import ReceivedUnits, ReturnedUnits
from kernel.http.descriptions import Word
from kernel.http.requests import Body, ShortText

_LINE = "019a2b3c-0001-7000-8000-000000000001"
Quantity = Annotated[int, Field(ge=1, le=1000)]


class UnitsToReturn(Body):
    line_id: ShortText
    quantity: Quantity
    reason_code: ReasonCode = "other"


class NewReturn(Body):
    """Units that the customer wants to send back."""

    lines: Annotated[tuple[UnitsToReturn, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        if len({it.line_id for it in self.lines}) < len(self.lines):
            raise ValueError("Give each line once.")
        return self

    @property
    def units(self) -> list[ReturnedUnits]:
        return [ReturnedUnits(**it.model_dump()) for it in self.lines]


class Rejection(Body):
    """Kept in the log for ever: the reason must not contain personal data."""

    reason: ShortText | None = None


class UnitsReceived(Body):
    line_id: ShortText
    quantity: Quantity
    condition: Literal["sellable", "damaged", "missing"]


class Receipt(Body):
    """What came back; a line may occur once for each condition. Units that are left out are missing."""

    lines: Annotated[tuple[UnitsReceived, ...], Field(min_length=1, max_length=150)]
    refund_shipping: bool = False

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        if len({(it.line_id, it.condition) for it in self.lines}) < len(self.lines):
            raise ValueError("Give each line and condition once.")
        return self

    @property
    def units(self) -> list[ReceivedUnits]:
        return [ReceivedUnits(**it.model_dump()) for it in self.lines]


class ReturnedUnitsView(BaseModel):
    line_id: str
    quantity: int
    reason_code: str


class ReceivedUnitsView(BaseModel):
    line_id: str
    quantity: int
    condition: Literal["sellable", "damaged", "missing"]


class ReturnView(BaseModel):
    return_id: UUID
    order_id: UUID
    status: Literal["requested", "approved", "rejected", "received", "closed", "expired"]
    lines: list[ReturnedUnitsView]
    received: list[ReceivedUnitsView]
    refund_id: UUID | None
    reason: str | None
    requested_at: datetime
    expires_at: datetime | None
    version: int


def show_return(found: GoodsReturn, _now: datetime) -> ReturnView:
    return ReturnView.model_validate(
        {
            "return_id": found.id,
            "order_id": found.order_id,
            "status": found.status.value,
            "lines": [it.model_dump() for it in found.units],
            "received": [it.model_dump() for it in found.received],
            "refund_id": found.refund_id,
            "reason": found.reason,
            "requested_at": found.requested_at,
            "expires_at": found.expires_at,
            "version": found.version,
        }
    )


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "NewReturn": Word(
            "Units that the customer wants to send back.",
            {"lines": [{"line_id": _LINE, "quantity": 1, "reason_code": "defective"}]},
        ),
        "NewReturn.lines": Word("The units."),
        "UnitsToReturn": Word("Units of a line."),
        "Rejection": Word("Why a return is rejected.", {"reason": "worn"}),
        "Rejection.reason": Word("Without personal data: it is kept in the log for ever.", "worn"),
        "Receipt": Word(
            "What came back.",
            {"lines": [{"line_id": _LINE, "quantity": 1, "condition": "sellable"}]},
        ),
        "Receipt.lines": Word("The units; those that are left out are missing."),
        "UnitsReceived": Word("Units of a line in one condition."),
        "condition": Word("sellable: goes back into stock; damaged; missing: not refunded.", "sellable"),
        "refund_shipping": Word("Whether what is left of the shipping is refunded, too.", False),
        "ReturnView": Word("Units that a customer sends back."),
        "return_id": Word("The return.", "019a2b3c-0011-7000-8000-000000000001"),
        "ReturnView.status": Word(
            "requested, approved, rejected, received, closed (refunded, or nothing to refund) or expired.",
            "approved",
        ),
        "ReturnView.lines": Word("What the customer wants to send back."),
        "ReturnedUnitsView": Word("Units of a line."),
        "received": Word("What came back."),
        "ReceivedUnitsView": Word("Units of a line in one condition."),
        "ReturnView.refund_id": Word("The refund of what came back; null before, or if there is none.", None),
        "ReturnView.reason": Word("Why it was rejected.", None),
        "requested_at": Word("When it was asked for.", "2026-03-01T12:00:00Z"),
        "ReturnView.expires_at": Word(
            "Until when an approved return waits for the goods.", "2026-03-31T12:00:00Z"
        ),
    }
)
