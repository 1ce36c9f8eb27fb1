"""The request bodies of checkouts and their operators."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from checkout_saga.payments.schemas import OperatorsReason, ProviderName
from kernel.http.requests import Amount, Body, Country, Currency, Id, OwnerId, Trimmed

Short = Annotated[str, Trimmed(200, min_length=0)]


class Customer(Body):
    """``domain.mailbox`` validates the address, with a code of its own."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    name: Short | None = None
    id: OwnerId | None = None


class PaymentChoice(Body):
    gateway: ProviderName = "simulated"
    method: Literal["card", "paypal", "pix", "boleto"]
    token: Annotated[str, Trimmed(255)]


class Address(Body):
    name: Short | None = None
    line1: Short
    line2: Short | None = None
    postal_code: Annotated[str, Trimmed(20, min_length=0)] | None = None
    city: Short
    region: Short | None = None
    country: Country


class ExpectedTotal(Body):
    """The most that the caller has agreed to: a cart that costs more is refused."""

    amount: Amount
    currency: Currency


class Recipient(Body):
    email: Annotated[str, Field(min_length=3, max_length=254)]
    name: Short | None = None


class GiftsOfLine(Body):
    """Who gets gift seats of a line; more of them may be named later."""

    line_id: Id
    recipients: Annotated[tuple[Recipient, ...], Field(min_length=1, max_length=1000)]


class NewCheckout(Body):
    """Prices and taxes are those of the shipping address, or else of the billing address."""

    cart_id: Id
    customer: Customer
    payment: PaymentChoice
    billing_address: Address | None = None
    shipping_address: Address | None = None
    expected_total: ExpectedTotal | None = None
    gifts: Annotated[tuple[GiftsOfLine, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        if len({it.line_id for it in self.gifts}) < len(self.gifts):
            raise ValueError("Give each line once.")
        return self


class GivingUp(OperatorsReason):
    """``refund``: a captured payment may be refunded."""

    refund: bool = False
