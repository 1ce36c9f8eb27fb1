"""A promotion of the copy, with its limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.offers import KnownCampaign
from pricing.promotions import Promotion


@dataclass(frozen=True, slots=True)
class KnownPromotion:
    """A promotion of the catalogue. ``key`` is its canonical code; None if it applies automatically.
    ``used_up``: all of its uses are reserved or redeemed; ``spent``: all are redeemed. A redeemed use is
    released only if its whole checkout is compensated. ``per_customer``: how many uses each customer has.
    ``campaigns`` that name it: it runs only while one of them does."""

    promotion_id: UUID
    key: str | None
    rule: Promotion
    disabled: bool
    used_up: bool
    spent: bool
    per_customer: int | None = None
    campaigns: tuple[KnownCampaign, ...] = ()

    def runs_at(self, now: datetime) -> bool:
        return not self.campaigns or any(it.runs_at(now) for it in self.campaigns)

    def is_used_up_by(self, customer: KnownCustomer | None) -> bool:
        return (
            self.per_customer is not None
            and customer is not None
            and customer.uses.get(self.promotion_id, 0) >= self.per_customer
        )
