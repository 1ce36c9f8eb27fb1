"""A customer. Other services know customers only by their ids."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from contracts import customer as facts
from kernel.domain import Aggregate
from kernel.ids import derive_id

CUSTOMERS = UUID("5f1b7a52-3a0e-4c57-9c53-6a7f6d1f0c11")


class Customer(Aggregate):
    def initialise(self) -> None:
        self.personal = ""

    def create(self, personal: str, *, guest: bool) -> None:
        """A customer is created once: later checkouts leave the record as it is."""
        if not self.exists:
            self.record(facts.Created(personal=personal, guest=guest))

    def evolve(self, fact: facts.CustomerFact) -> None:
        match fact:
            case facts.Created(personal=personal):
                self.personal = personal
            case facts.ProfileChanged() | facts.ContactSet() | facts.Erased():
                pass
            case _:
                assert_never(fact)


def customer_stream_id(tenant: str, customer_id: str) -> UUID:
    """The id of a customer's stream. Tenants choose their customer ids, so the tenant is part of it."""
    return derive_id(CUSTOMERS, f"{tenant}/{customer_id}")
