"""The request bodies of orders and refunds."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from checkout_saga.orders.domain.refund import RefundPart, RefundSelection, RefundTerms
from contracts.order import RefundedUnits
from kernel.http.requests import Amount, Body, ShortText

ReasonCode = Literal[
    "requested", "duplicate", "fraudulent", "defective", "not_delivered", "goodwill", "other"
]


class RefundOfLine(Body):
    """Units of a line, or an amount of it; neither: all that is left of it."""

    line_id: ShortText
    quantity: Annotated[int, Field(ge=1, le=1000)] | None = None
    amount: Annotated[Amount, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _check_alternatives(self) -> Self:
        if self.quantity is not None and self.amount is not None:
            raise ValueError("Give a quantity or an amount, not both.")
        return self


class RefundOfShipping(Body):
    amount: Annotated[Amount, Field(ge=1)]


class NewRefund(Body):
    """An amount in minor units of the order's currency, or parts of the order; neither: all that is left."""

    amount: Annotated[Amount, Field(ge=1)] | None = None
    lines: Annotated[tuple[RefundOfLine, ...], Field(max_length=50)] = ()
    shipping: Literal[True] | RefundOfShipping | None = None
    """``true``: all that is left of it."""
    reason: ShortText
    reason_code: ReasonCode = "other"
    method: Literal["original", "manual"] = "original"
    restock: bool = False

    @model_validator(mode="after")
    def _check_alternatives(self) -> Self:
        if self.amount is not None and (self.lines or self.shipping):
            raise ValueError("Give an amount or parts of the order, not both.")
        if len({it.line_id for it in self.lines}) < len(self.lines):
            raise ValueError("Give each line once.")
        if self.restock and (self.amount is not None or any(it.amount is not None for it in self.lines)):
            raise ValueError("Only units go back into stock: give quantities, not amounts.")
        return self

    @property
    def selection(self) -> RefundSelection:
        parts = [RefundPart(it.line_id, it.quantity, it.amount) for it in self.lines]
        if self.shipping:
            amount = self.shipping.amount if isinstance(self.shipping, RefundOfShipping) else None
            parts.append(RefundPart(None, amount=amount))
        return RefundSelection(self.amount, tuple(parts))

    @property
    def terms(self) -> RefundTerms:
        return RefundTerms(self.reason_code, self.method, self.restock)


class CancelledUnits(Body):
    line_id: ShortText
    quantity: Annotated[int, Field(ge=1, le=1000)]


class Cancellation(Body):
    """Of the whole order, or of units that have not been handed over."""

    reason: ShortText
    lines: Annotated[tuple[CancelledUnits, ...], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        if self.lines is not None and len({it.line_id for it in self.lines}) < len(self.lines):
            raise ValueError("Give each line once.")
        return self

    @property
    def units(self) -> tuple[RefundedUnits, ...]:
        return tuple(RefundedUnits(line_id=it.line_id, quantity=it.quantity) for it in self.lines or ())


class Completion(Body):
    """A pending line was handed over; ``reference`` is the shop's."""

    reference: ShortText | None = None
