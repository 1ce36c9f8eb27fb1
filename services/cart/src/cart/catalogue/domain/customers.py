"""What the copy knows of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from pricing.referral import judge
from pricing.referral_candidates import Candidate, Grant, Referee


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer of whom nothing was heard has no segments and no orders.

    ``linked`` are the person's other ids, whose orders, uses and abandoned carts count here, too.
    ``paid_orders`` are those that were not cancelled; ``spent`` is their totals by currency, ``bought`` the
    ids of their products, and ``fulfilled`` those that were delivered: both with the courses of bundles.
    ``uses``: by promotion. ``abandoned_carts``: those that were abandoned at least once, also if
    they were recovered or bought since.
    """

    customer_id: str
    segments: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()
    email_verified: bool = False
    paid_orders: int = 0
    spent: Mapping[str, int] = field(default_factory=dict)
    bought: frozenset[str] = frozenset()
    fulfilled: frozenset[str] = frozenset()
    uses: Mapping[UUID, int] = field(default_factory=dict)
    abandoned_carts: frozenset[UUID] = frozenset()
    referrals: tuple[Candidate, ...] = ()
    """The rules of the programs in which the customer has an attribution."""
    linked: frozenset[str] = frozenset()

    def referral_discounts(self, now: datetime) -> list[Grant]:
        """Of the rules that give the customer one now."""
        if not self.referrals:
            return []
        referee = Referee(self.customer_id, self.segments, self.email_verified, self.paid_orders)
        judged = (judge(referee, it, now) for it in self.referrals)
        return [it for it in judged if isinstance(it, Grant)]

    def has(self, prerequisite: str) -> bool:
        return prerequisite in self.qualifications or prerequisite in self.fulfilled
