"""A customer. Other services know customers only by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never
from uuid import UUID

from contracts import customer as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id

CUSTOMERS = UUID("5f1b7a52-3a0e-4c57-9c53-6a7f6d1f0c11")


@dataclass(frozen=True, slots=True)
class Profile:
    """What prices, promotions and prerequisites depend on, as the shop has set it."""

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
        self.customer_id: str | None = None
        """None until a fact names it: those of checkouts do not."""
        self.created = False
        """Whether a checkout has named the customer, or the shop has entered the person; a profile or a
        contact may come before it."""
        self.is_guest = False
        """Whether the first checkout knew the customer by an e-mail address alone."""
        self.personal = ""
        """What is known of the person, encrypted."""
        self.registered = False
        """Whether the customer holds the unique key of the address."""
        self.profile = Profile()
        self.automatic: tuple[str, ...] = ()
        """The segments that follow from paid orders, beside those of the profile."""
        self.preferences: Mapping[str, bool] = {}
        """By kind of message: whether the customer wants it. What is not named is wanted."""
        self.contact: Contact | None = None
        self.linked: tuple[str, ...] = ()
        """The ids of the guests who are the same person, in the order in which they were linked."""
        self.account_id: str | None = None
        """Of a guest: the account that linked it last; it counts only while that account names the guest."""
        self.erased = False
        """Whether the key was destroyed, and nothing was encrypted for the customer since."""
        self.erased_ids: tuple[str, ...] = ()
        """All ids of the person at the last erasure."""
        self.is_blank = False
        """Whether nothing at all has come since an erasure."""

    @property
    def segments(self) -> tuple[str, ...]:
        """All of them, sorted."""
        return tuple(sorted({*self.profile.segments, *self.automatic}))

    def create(self, personal: str, *, guest: bool, customer_id: str | None = None) -> None:
        """A customer is created once: later checkouts leave the record as it is."""
        if not self.created:
            self.record(facts.Created(personal=personal, guest=guest, customer_id=customer_id))

    def change(self, customer_id: str, personal: str, *, registered: bool) -> None:
        """The caller has compared it: the same data is encrypted differently each time."""
        self.record(facts.Changed(customer_id=customer_id, personal=personal, registered=registered))

    def change_profile(self, customer_id: str, profile: Profile) -> None:
        if profile != self.profile:
            self._record_profile(customer_id, profile, self.automatic)

    def change_automatic_segments(self, customer_id: str, automatic: tuple[str, ...]) -> None:
        if automatic != self.automatic:
            self._record_profile(customer_id, self.profile, automatic)

    def _record_profile(self, customer_id: str, profile: Profile, automatic: tuple[str, ...]) -> None:
        self.record(
            facts.ProfileChanged(
                customer_id=customer_id,
                segments=tuple(sorted({*profile.segments, *automatic})),
                qualifications=profile.qualifications,
                email_verified=profile.email_verified,
                automatic=automatic,
                assigned=profile.segments if automatic else None,
            )
        )

    def choose(self, customer_id: str, preferences: Mapping[str, bool]) -> None:
        if preferences != self.preferences:
            self.record(facts.PreferencesChanged(customer_id=customer_id, preferences=dict(preferences)))

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

    def erase(self, customer_id: str, ids: tuple[str, ...], reason: str | None) -> None:
        """The caller destroys the key in the same transaction. ``ids``: all that the person has."""
        self.record(facts.Erased(customer_id=customer_id, ids=ids, reason=reason))

    def evolve(self, fact: facts.CustomerFact) -> None:
        self.is_blank = isinstance(fact, facts.Erased)
        match fact:
            case facts.Created(personal=personal, guest=guest, customer_id=customer_id):
                self.created, self.personal, self.is_guest = True, personal, guest
                self.customer_id, self.erased = customer_id or self.customer_id, False
                self.registered = customer_id is not None
            case facts.Changed(customer_id=customer_id, personal=personal):
                self.customer_id, self.personal, self.erased = customer_id, personal, False
                self.registered = fact.registered
            case facts.ProfileChanged():
                assigned = fact.segments if fact.assigned is None else fact.assigned
                self.profile = Profile(assigned, fact.qualifications, fact.email_verified)
                self.automatic = fact.automatic
            case facts.PreferencesChanged(preferences=preferences):
                self.preferences = preferences
            case facts.ContactSet():
                self.contact = Contact(fact.personal, fact.recovery, fact.locale)
                self.erased = False
            case facts.Linked(guest_id=guest_id):
                self.linked = (*self.linked, guest_id)
            case facts.Joined(account_id=account_id):
                self.account_id = account_id
            case facts.Erased():
                self.erased_ids = fact.ids or (fact.customer_id,)
                self.created, self.personal, self.contact = False, "", None
                self.registered = False
                self.profile, self.automatic, self.preferences = Profile(), (), {}
                self.linked, self.erased = (), True
            case _:
                assert_never(fact)


def customer_stream_id(tenant: str, customer_id: str) -> UUID:
    """The id of a customer's stream. Tenants choose their customer ids, so the tenant is part of it."""
    return derive_id(CUSTOMERS, f"{tenant}/{customer_id}")
