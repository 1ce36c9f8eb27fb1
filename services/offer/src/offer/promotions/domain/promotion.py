"""A promotion: its terms, whether it is disabled, and its uses by customer."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple, assert_never
from uuid import UUID

from contracts import promotion as facts
from kernel.domain import Aggregate
from offer.promotions.domain.terms import check_terms

INVALID_CODE = "INVALID_DISCOUNT_CODE"
LIMIT_REACHED = "PROMOTION_LIMIT_REACHED"


class Ineligibility(NamedTuple):
    """Why a promotion cannot be used. ``reason`` is a public value, as in the refusal of a discount code."""

    code: str
    reason: str


UNKNOWN = Ineligibility(INVALID_CODE, "unknown")
DISABLED = Ineligibility(INVALID_CODE, "disabled")
NOT_STARTED = Ineligibility(INVALID_CODE, "not_started")
EXPIRED = Ineligibility(INVALID_CODE, "expired")
CONDITIONS = Ineligibility(INVALID_CODE, "conditions_not_met")
LIMIT = Ineligibility(LIMIT_REACHED, "limit_reached")


class Promotion(Aggregate):
    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.terms = facts.Terms(kind="", value="0")
        self.disabled = False
        self.used = 0
        self.used_by: Counter[str] = Counter()

    def create(self, terms: facts.Terms) -> None:
        check_terms(terms)
        self.record(facts.Created(terms=terms))

    def change(self, terms: facts.Terms) -> None:
        check_terms(terms)
        if terms != self.terms:
            self.record(facts.Changed(terms=terms))

    def disable(self) -> None:
        if not self.disabled:
            self.record(facts.Disabled())

    def ineligibility(self, now: datetime, customer_ids: Collection[str]) -> Ineligibility | None:
        """Why the customer, who may have several ids, cannot use it now, or None. One without an id has no
        uses."""
        if not self.exists:
            return UNKNOWN
        if self.disabled:
            return DISABLED
        if self.terms.starts_at is not None and now < self.terms.starts_at:
            return NOT_STARTED
        if self.terms.ends_at is not None and now >= self.terms.ends_at:
            return EXPIRED
        limits = self.terms.limits
        if limits.total is not None and self.used >= limits.total:
            return LIMIT
        uses = sum(self.used_by[it] for it in customer_ids)
        if limits.per_customer is not None and uses >= limits.per_customer:
            return LIMIT
        return None

    def reserve(self, checkout_id: UUID, customer_id: str) -> None:
        """Hold one use. The caller, ``Redemption``, has checked ``ineligibility`` and records what the
        checkout holds."""
        self.record(facts.Reserved(checkout_id=checkout_id, customer_id=customer_id))

    def redeem(self, checkout_id: UUID, customer_id: str) -> None:
        self.record(facts.Redeemed(checkout_id=checkout_id, customer_id=customer_id))

    def release(self, checkout_id: UUID, customer_id: str) -> None:
        self.record(facts.Released(checkout_id=checkout_id, customer_id=customer_id))

    def evolve(self, fact: facts.PromotionFact) -> None:
        match fact:
            case facts.Created(terms=terms) | facts.Changed(terms=terms):
                self.terms = terms
            case facts.Disabled():
                self.disabled = True
            case facts.Reserved(customer_id=customer_id):
                self._count(customer_id, 1)
            case facts.Redeemed():
                pass
            case facts.Released(customer_id=customer_id):
                self._count(customer_id, -1)
            case _:
                assert_never(fact)

    def _count(self, customer_id: str, uses: int) -> None:
        self.used += uses
        self.used_by[customer_id] += uses
        if not self.used_by[customer_id]:
            del self.used_by[customer_id]
