"""The request bodies of checkouts, orders and operators."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from checkout_saga.domain.refund import RefundPart, RefundSelection
from kernel.http.requests import Amount, Body, Country, Currency, Id, OwnerId, ShortText, Text

Short = Annotated[Text, Field(max_length=200)]


class Customer(Body):
    """``domain.mailbox`` validates the address, with a code of its own."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    name: Short | None = None
    id: OwnerId | None = None


class PaymentChoice(Body):
    gateway: Literal["simulated"] = "simulated"
    method: Literal["card", "paypal", "pix", "boleto"]
    token: Annotated[ShortText, Field(max_length=255)]


class Address(Body):
    name: Short | None = None
    line1: Short
    line2: Short | None = None
    postal_code: Annotated[Text, Field(max_length=20)] | None = None
    city: Short
    region: Short | None = None
    country: Country


class ExpectedTotal(Body):
    """The most that the caller has agreed to: a cart that costs more is refused."""

    amount: Amount
    currency: Currency


class NewCheckout(Body):
    """Prices and taxes are those of the shipping address, or else of the billing address."""

    cart_id: Id
    customer: Customer
    payment: PaymentChoice
    billing_address: Address | None = None
    shipping_address: Address | None = None
    expected_total: ExpectedTotal | None = None


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

    @model_validator(mode="after")
    def _check_alternatives(self) -> Self:
        if self.amount is not None and (self.lines or self.shipping):
            raise ValueError("Give an amount or parts of the order, not both.")
        if len({it.line_id for it in self.lines}) < len(self.lines):
            raise ValueError("Give each line once.")
        return self

    @property
    def selection(self) -> RefundSelection:
        parts = [RefundPart(it.line_id, it.quantity, it.amount) for it in self.lines]
        if self.shipping:
            amount = self.shipping.amount if isinstance(self.shipping, RefundOfShipping) else None
            parts.append(RefundPart(None, amount=amount))
        return RefundSelection(self.amount, tuple(parts))


class Cancellation(Body):
    reason: ShortText


class OperatorsReason(Body):
    """Kept in the log for ever: it must not contain personal data."""

    reason: ShortText


class GivingUp(OperatorsReason):
    """``refund``: a captured payment may be refunded."""

    refund: bool = False


class Resolution(OperatorsReason):
    """How a stuck payment operation ended; ``reference`` is the gateway's or the bank's."""

    outcome: Literal["done", "not_done"]
    reference: ShortText | None = None
