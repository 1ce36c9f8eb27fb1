"""The request bodies of checkouts and their operators."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, ClassVar, Literal, Self

import orjson
from pydantic import AfterValidator, Field, model_validator

from checkout_saga.customers.schemas import Locale, Phone, TaxId
from checkout_saga.payments.domain.names import MAX_ATTEMPTS
from checkout_saga.payments.schemas import OperatorsReason, ProviderName
from kernel.http.requests import Amount, Body, Country, Currency, Id, OwnerId, Trimmed, https_url

MAX_INSTALMENTS_BYTES, MAX_INSTALMENTS_LEVELS = 2048, 4
Short = Annotated[str, Trimmed(200, min_length=0)]


class Customer(Body):
    """``domain.mailbox`` validates the address, with a code of its own."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    name: Short | None = None
    id: OwnerId | None = None
    phone: Phone | None = None
    locale: Locale | None = None
    tax_id: TaxId | None = None


def _shallow(value: dict[str, Any]) -> dict[str, Any]:
    if len(orjson.dumps(value)) > MAX_INSTALMENTS_BYTES:
        raise ValueError(f"At most {MAX_INSTALMENTS_BYTES} bytes.")
    if _depth(value) > MAX_INSTALMENTS_LEVELS:
        raise ValueError(f"At most {MAX_INSTALMENTS_LEVELS} levels.")
    return value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


class PaymentWay(Body):
    """``instalments`` is handed to the provider as it is: it does not change the amount."""

    gateway: ProviderName | None = None
    """None: the shop's default account."""
    method: Literal["card", "paypal", "pix", "boleto"]
    token: Annotated[str, Trimmed(255)] | None = None
    instalments: Annotated[dict[str, Any], AfterValidator(_shallow)] | None = None


class NextPayment(PaymentWay):
    """Another way to pay, after one was declined."""


class PaymentChoice(PaymentWay):
    max_attempts: Annotated[int, Field(ge=1, le=MAX_ATTEMPTS)] = 1
    save: bool = False
    return_url: Annotated[str, Trimmed(2000), AfterValidator(https_url)] | None = None


class Address(Body):
    """``customers.domain.addresses`` validates it by the rules of its country, with a code of its own."""

    name: Short | None = None
    line1: Short
    line2: Short | None = None
    postal_code: Annotated[str, Trimmed(20, min_length=0)] | None = None
    district: Short | None = None
    city: Short | None = None
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

    UNSEARCHED: ClassVar[Collection[str]] = frozenset({"/customer/phone", "/customer/tax_id/value"})

    cart_id: Id
    customer: Customer
    payment: PaymentChoice
    billing_address: Address | None = None
    shipping_address: Address | None = None
    expected_total: ExpectedTotal | None = None
    gifts: Annotated[tuple[GiftsOfLine, ...], Field(max_length=50)] = ()
    device_id: Annotated[str, Trimmed(64)] | None = None

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        if len({it.line_id for it in self.gifts}) < len(self.gifts):
            raise ValueError("Give each line once.")
        return self


class GivingUp(OperatorsReason):
    """``refund``: a captured payment may be refunded."""

    refund: bool = False
