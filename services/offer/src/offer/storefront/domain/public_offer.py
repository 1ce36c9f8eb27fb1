"""A published offer with everything that a storefront shows of it, and its price at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.experiment import Changes, Variant
from contracts.offer import OfferDetails
from contracts.product import Details
from contracts.upsell import UpsellDetails
from offer.offers.domain.offer import RunningCampaigns
from offer.offers.domain.offer_rules import next_window_change
from pricing.experiments import Assignment
from pricing.offer_price import CurrentPrice, current_price, with_variant
from pricing.product_price import PriceContext, product_price
from pricing.rounding import Mode
from pricing.upsell_price import upsell_price


@dataclass(frozen=True, slots=True)
class KnownUpsell:
    """``parent``: of a product that is a variant of another."""

    upsell_id: UUID
    details: UpsellDetails
    product: Details
    parent: Details | None = None

    def price(self, currency: str, at: datetime, mode: Mode) -> int | None:
        """What one costs a customer of whom nothing is known; None if it is not priced in the currency."""
        context = PriceContext(currency, None, frozenset(), at, mode)
        found = product_price(self.product, context, parent=self.parent)
        return None if found is None else upsell_price(self.details.discount, found.amount, mode)


@dataclass(frozen=True, slots=True)
class PublicOffer:
    offer_id: UUID
    version: int
    details: OfferDetails
    mode: Mode
    experiment: Assignment | None = None
    campaigns: RunningCampaigns = ()
    upsells: Sequence[KnownUpsell] = ()
    """Those whose products are active, in the order in which they are shown."""
    campaigns_change_at: datetime | None = None
    """When the window of a campaign next begins or ends."""

    def variant_for(self, session_id: str | None) -> Variant | None:
        return self.experiment.variant_for(session_id) if self.experiment else None

    def price(self, variant: Variant | None, at: datetime) -> CurrentPrice:
        return current_price(self.details.price, at, self.campaigns, _changes(variant), self.mode)

    def base(self, variant: Variant | None) -> int:
        return with_variant(self.details.price, _changes(variant)).base

    def next_change(self, variant: Variant | None, at: datetime) -> datetime | None:
        """When the price next changes by time alone."""
        window = next_window_change(with_variant(self.details.price, _changes(variant)), at)
        return min((it for it in (window, self.campaigns_change_at) if it is not None), default=None)


def _changes(variant: Variant | None) -> Changes | None:
    return variant.changes if variant else None
