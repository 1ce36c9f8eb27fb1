"""The requests and responses about customers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field

from checkout_saga.customers.domain.customer import Profile
from checkout_saga.customers.domain.tax_ids import tax_id_of
from checkout_saga.customers.use_cases import KnownCustomer
from kernel.http.requests import Body, OwnerId, Trimmed, no_address

Segment = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Email = Annotated[str, Field(min_length=3, max_length=254)]
"""``domain.mailbox`` validates the address, with a code of its own."""
Name = Annotated[str, Trimmed(200)]
Phone = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]
Qualification = Annotated[str, Trimmed(128), AfterValidator(no_address)]
CustomerId: TypeAlias = Annotated[OwnerId, Path()]
DIGITS_OF_A_PERSON = frozenset({"/phone", "/tax_id/value"})
"""Pointers to digits that are no card numbers."""


class CustomerProfile(Body):
    """The whole profile: what is left out is empty from now on."""

    segments: Annotated[tuple[Segment, ...], Field(max_length=20)] = ()
    qualifications: Annotated[tuple[Qualification, ...], Field(max_length=500)] = ()
    email_verified: bool = False

    @property
    def profile(self) -> Profile:
        """Sets: neither order nor repetition makes another profile."""
        return Profile(
            tuple(sorted({*self.segments})), tuple(sorted({*self.qualifications})), self.email_verified
        )


class TaxId(Body):
    """``domain.tax_ids`` validates the number, with a code of its own."""

    type: Literal["br_cpf", "br_cnpj"]
    value: Annotated[str, Trimmed(30)]


class NewCustomer(Body):
    UNSEARCHED: ClassVar[Collection[str]] = DIGITS_OF_A_PERSON
    id: OwnerId | None = None
    email: Email
    name: Name | None = None
    phone: Phone | None = None
    locale: Locale | None = None
    tax_id: TaxId | None = None

    @property
    def person(self) -> dict[str, Any]:
        """Raises ``InvalidTaxId``."""
        return _validated(self.model_dump(mode="json", exclude={"id", "email"}, exclude_none=True))


class CustomerChange(Body):
    """A field that is left out keeps its value; null removes an optional value."""

    UNSEARCHED: ClassVar[Collection[str]] = DIGITS_OF_A_PERSON
    email: Email = ""
    name: Name | None = None
    phone: Phone | None = None
    locale: Locale | None = None
    tax_id: TaxId | None = None

    @property
    def person(self) -> dict[str, Any]:
        """Raises ``InvalidTaxId``."""
        return _validated(self.model_dump(mode="json", exclude={"email"}, exclude_unset=True))


class Preferences(Body):
    """Whether the customer wants messages of each kind; what is left out is wanted. Messages that the shop
    owes, such as the confirmation of an order, have no switch."""

    cart_recovery: bool = True
    order_shipped: bool = True
    return_approved: bool = True
    reward_granted: bool = True


class NewContact(Body):
    email: Email
    name: Name | None = None
    locale: Locale | None = None
    customer_id: OwnerId | None = None
    recovery: bool


class GuestLink(Body):
    guest_email: Email


class CustomerView(BaseModel):
    """Without the person: what is stored for a repetition of a request holds no personal data."""

    customer_id: str
    segments: list[str]
    automatic_segments: list[str]
    qualifications: list[str]
    email_verified: bool
    version: int


class TaxIdView(BaseModel):
    type: str
    value: str


class PersonView(CustomerView):
    """A customer with the person, for reads alone."""

    guest: bool
    email: str | None
    name: str | None
    phone: str | None
    locale: str | None
    tax_id: TaxIdView | None
    preferences: dict[str, bool]
    linked: list[str]
    account_id: str | None
    erased: bool


class PreferencesView(BaseModel):
    customer_id: str
    preferences: dict[str, bool]
    version: int


class ContactView(BaseModel):
    """Without the address: it is shown to no caller."""

    customer_id: str
    recovery: bool
    locale: str | None
    version: int


class LinkView(BaseModel):
    """Without the address: it is shown to no caller."""

    customer_id: str
    guest_id: str
    version: int


def show_customer(known: KnownCustomer, _now: datetime) -> CustomerView:
    return CustomerView(**_shown(known))


def show_person(known: KnownCustomer, person: Mapping[str, Any]) -> PersonView:
    """``person``: decrypted; empty if nothing is known."""
    customer = known.customer
    preferences = Preferences.model_validate({**Preferences().model_dump(), **customer.preferences})
    return PersonView(
        **_shown(known),
        guest=customer.is_guest,
        email=person.get("email"),
        name=person.get("name"),
        phone=person.get("phone"),
        locale=person.get("locale"),
        tax_id=person.get("tax_id"),
        preferences=preferences.model_dump(),
        linked=list(customer.linked),
        account_id=customer.account_id,
        erased=customer.erased,
    )


def show_preferences(known: KnownCustomer, _now: datetime) -> PreferencesView:
    return PreferencesView(
        customer_id=known.customer_id,
        preferences=dict(known.customer.preferences),
        version=known.version,
    )


def _validated(person: dict[str, Any]) -> dict[str, Any]:
    """With the tax number in the form in which it is stored."""
    tax_id = person.get("tax_id")
    if tax_id is None:
        return person
    number = tax_id_of(tax_id["type"], tax_id["value"], ("tax_id", "value"))
    return {**person, "tax_id": {**tax_id, "value": number}}


def _shown(known: KnownCustomer) -> dict[str, Any]:
    profile = known.customer.profile
    return {
        "customer_id": known.customer_id,
        "segments": list(profile.segments),
        "automatic_segments": list(known.customer.automatic),
        "qualifications": list(profile.qualifications),
        "email_verified": profile.email_verified,
        "version": known.version,
    }


def show_contact(known: KnownCustomer, _now: datetime) -> ContactView:
    contact = known.customer.contact
    return ContactView(
        customer_id=known.customer_id,
        recovery=bool(contact and contact.recovery),
        locale=contact.locale if contact else None,
        version=known.version,
    )


def show_link(known: KnownCustomer, guest_id: str) -> LinkView:
    return LinkView(customer_id=known.customer_id, guest_id=guest_id, version=known.version)
