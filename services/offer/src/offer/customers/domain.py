"""A customer as the offer service knows one: what prices, promotions and referrals depend on, and nothing
that tells who the person is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """A customer of whom nothing is known has the defaults. Orders are those of the person: of all ids."""

    customer_id: str
    segments: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()
    """Product ids or outside keys that fulfil prerequisites."""
    email_verified: bool = False
    paid_orders: int = 0
    """Orders that were paid or free, and not cancelled; refunded ones count."""
    spent: Mapping[str, int] = field(default_factory=dict)
    """Currency to the total of the paid orders, in minor units."""
    bought: frozenset[UUID] = frozenset()
    """The products of the paid orders."""
    fulfilled: frozenset[UUID] = frozenset()
    """Those of them that were delivered."""
    linked: frozenset[str] = frozenset()
    """The person's other ids: the account's, and those of its guests."""

    @property
    def ids(self) -> frozenset[str]:
        """Of the person: limits for each customer count the uses of all of them together."""
        return self.linked | {self.customer_id}


class Customers(Protocol):
    """The copies of the customers' profiles. They lag the facts by some milliseconds."""

    async def read(self, tenant: str, customer_ids: Iterable[str]) -> Mapping[str, CustomerProfile]:
        """The profile of each of them, also of those of whom nothing is known."""
