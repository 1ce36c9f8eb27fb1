"""What a request tells of people, validated and in the form in which it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from checkout_saga.checkout.schemas.requests import Address, NewCheckout, Recipient
from checkout_saga.customers.domain.addresses import faults_in, tidy
from checkout_saga.customers.domain.errors import InvalidAddress
from checkout_saga.customers.domain.mailbox import Mailbox, mailbox_of
from checkout_saga.customers.domain.tax_ids import tax_id_of
from checkout_saga.customers.postal_rules import postal_rules
from contracts.sale import Destination

Recipients: TypeAlias = dict[str, list[dict[str, str]]]
"""By line id: who gets a gift seat of it."""


@dataclass(frozen=True, slots=True)
class PersonalDetails:
    mailbox: Mailbox
    person: dict[str, Any]
    """``customer``, and ``billing_address`` and ``shipping_address`` if they are given."""
    recipients: Recipients
    destination: Destination | None
    """Of the shipping address, or else of the billing address."""


def details_of(body: NewCheckout, *, test_environment: bool) -> PersonalDetails:
    """Raises ``InvalidEmail``, ``InvalidTaxId`` and ``InvalidAddress``."""
    mailbox = mailbox_of(body.customer.email, test_environment=test_environment)
    customer = {**body.customer.model_dump(exclude_none=True), "email": mailbox.address}
    if tax_id := body.customer.tax_id:
        field = ("customer", "tax_id", "value")
        customer["tax_id"] = {"type": tax_id.type, "value": tax_id_of(tax_id.type, tax_id.value, field)}
    addresses = {
        name: _checked(given, name)
        for name, given in (
            ("shipping_address", body.shipping_address),
            ("billing_address", body.billing_address),
        )
        if given
    }
    return PersonalDetails(
        mailbox,
        {"customer": customer, **addresses},
        _recipients_of(body, test_environment=test_environment),
        next(
            (Destination(country=it["country"], region=it.get("region")) for it in addresses.values()), None
        ),
    )


def _checked(given: Address, name: str) -> dict[str, str]:
    rules = postal_rules(given.country)
    address = tidy(given.model_dump(exclude_none=True), rules)
    if faults := faults_in(address, rules):
        raise InvalidAddress({(name, field): detail for field, detail in faults.items()})
    return address


def _recipients_of(body: NewCheckout, *, test_environment: bool) -> Recipients:
    def checked(who: Recipient, *place: str | int) -> dict[str, str]:
        field = ("gifts", *place, "email")
        address = mailbox_of(who.email, test_environment=test_environment, field=field).address
        return {"email": address} | ({"name": who.name} if who.name else {})

    return {
        str(line.line_id): [
            checked(it, number, "recipients", position) for position, it in enumerate(line.recipients)
        ]
        for number, line in enumerate(body.gifts)
    }
