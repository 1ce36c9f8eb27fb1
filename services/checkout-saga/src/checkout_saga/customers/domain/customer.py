"""A customer. Other services know customers only by their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from contracts import customer as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id

CUSTOMERS = UUID("5f1b7a52-3a0e-4c57-9c53-6a7f6d1f0c11")


@dataclass(frozen=True, slots=True)
class Profile:
    """What prices, promotions and prerequisites depend on."""

    segments: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    email_verified: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """``personal`` holds the address and the name, encrypted."""

    personal: str
    recovery: bool
    """Whether the customer wants messages about abandoned carts."""
    locale: str | None = None


class Customer(Aggregate):
    def initialise(self) -> None:
        self.created = False
        """Whether a checkout has named the customer; a profile or a contact may come before it."""
        self.is_guest = False
        """Whether the first checkout knew the customer by an e-mail address alone."""
        self.personal = ""
        self.profile = Profile()
        self.contact: Contact | None = None
        self.linked: tuple[str, ...] = ()
        """The ids of the guests who are the same person, in the order in which they were linked."""
        self.account_id: str | None = None
        """Of a guest: the account that linked it last; it counts only while that account names the guest."""
        self.erased = False
        """Whether the key was destroyed, and no contact has been set since."""

    def create(self, personal: str, *, guest: bool) -> None:
        """A customer is created once: later checkouts leave the record as it is."""
        if not self.created:
            self.record(facts.Created(personal=personal, guest=guest))

    def change_profile(self, customer_id: str, profile: Profile) -> None:
        if profile != self.profile:
            self.record(
                facts.ProfileChanged(
                    customer_id=customer_id,
                    segments=profile.segments,
                    qualifications=profile.qualifications,
                    email_verified=profile.email_verified,
                )
            )

    def set_contact(self, customer_id: str, contact: Contact) -> None:
        if contact != self.contact:
            self.record(
                facts.ContactSet(
                    customer_id=customer_id,
                    personal=contact.personal,
                    recovery=contact.recovery,
                    locale=contact.locale,
                )
            )

    def link(self, customer_id: str, guest_id: str) -> None:
        """The caller has checked that the guest is free, and lets it ``join`` in the same transaction."""
        self.record(facts.Linked(customer_id=customer_id, guest_id=guest_id))

    def join(self, guest_id: str, account_id: str) -> None:
        """Also if it is the same account again, after its erasure: this is what keeps others from it."""
        self.record(facts.Joined(customer_id=guest_id, account_id=account_id))

    def evolve(self, fact: facts.CustomerFact) -> None:
        match fact:
            case facts.Created(personal=personal, guest=guest):
                self.created, self.personal, self.is_guest = True, personal, guest
            case facts.ProfileChanged():
                self.profile = Profile(fact.segments, fact.qualifications, fact.email_verified)
            case facts.ContactSet():
                self.contact = Contact(fact.personal, fact.recovery, fact.locale)
                self.erased = False
            case facts.Linked(guest_id=guest_id):
                self.linked = (*self.linked, guest_id)
            case facts.Joined(account_id=account_id):
                self.account_id = account_id
            case facts.Erased():
                self.profile, self.contact, self.linked, self.erased = Profile(), None, (), True
            case _:
                assert_never(fact)


def customer_stream_id(tenant: str, customer_id: str) -> UUID:
    """The id of a customer's stream. Tenants choose their customer ids, so the tenant is part of it."""
    return derive_id(CUSTOMERS, f"{tenant}/{customer_id}")
