"""The requests and responses about customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, TypeAlias

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field

from checkout_saga.customers.domain.customer import Profile
from checkout_saga.customers.use_cases import KnownCustomer
from kernel.http.descriptions import Word
from kernel.http.requests import Body, OwnerId, Trimmed, no_address

Segment = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
Qualification = Annotated[str, Trimmed(128), AfterValidator(no_address)]
CustomerId: TypeAlias = Annotated[OwnerId, Path()]


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


class NewContact(Body):
    """``domain.mailbox`` validates the address, with a code of its own."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    name: Annotated[str, Trimmed(200)] | None = None
    locale: Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] | None = None
    customer_id: OwnerId | None = None
    recovery: bool


class GuestLink(Body):
    """``domain.mailbox`` validates the address, with a code of its own."""

    guest_email: Annotated[str, Field(min_length=3, max_length=254)]


class CustomerView(BaseModel):
    customer_id: str
    segments: list[str]
    qualifications: list[str]
    email_verified: bool
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
    profile = known.customer.profile
    return CustomerView(
        customer_id=known.customer_id,
        segments=list(profile.segments),
        qualifications=list(profile.qualifications),
        email_verified=profile.email_verified,
        version=known.version,
    )


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


FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "CustomerProfile": Word(
            "What prices, promotions and prerequisites depend on.",
            {"segments": ["vip"], "qualifications": ["welding-1"], "email_verified": True},
        ),
        "CustomerView": Word("The customer's profile."),
        "segments": Word("The groups that the customer belongs to.", ["vip"]),
        "qualifications": Word(
            "Product ids or outside keys that fulfil prerequisites of certifications.", ["welding-1"]
        ),
        "email_verified": Word("Whether the shop has verified the customer's address.", True),
        "NewContact": Word(
            "Where messages about carts go.",
            {"email": "ana@example.com", "name": "Ana", "locale": "pt-BR", "recovery": True},
        ),
        "NewContact.name": Word("The customer's name.", "Ana"),
        "NewContact.customer_id": Word(
            "The shop's own id of the customer; null for a guest, whose id follows from the address.",
            "customer-42",
        ),
        "GuestLink": Word("A guest who is the same person.", {"guest_email": "ana@example.com"}),
        "guest_email": Word(
            "The address that the guest bought with; the caller vouches that it is the customer's.",
            "ana@example.com",
        ),
        "LinkView": Word("The link, without the address."),
        "guest_id": Word(
            "The guest's customer id, which follows from the address.",
            "3f0d6a2e-5b1c-5e1f-9a63-2b7f4c1d8e90",
        ),
        "ContactView": Word("The contact without its address."),
        "locale": Word("The language and country of messages; null: English.", "pt-BR"),
        "recovery": Word("Whether the customer agrees to messages about abandoned carts.", True),
    }
)
