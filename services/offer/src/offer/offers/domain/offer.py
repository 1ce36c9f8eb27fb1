"""An offer: products sold together at one price, under a slug, while it is published."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never
from uuid import UUID

from contracts import offer as facts
from contracts.campaign import CampaignChange
from kernel.domain import Aggregate
from offer.catalogue.domain.errors import Invalid
from offer.offers.domain.errors import OfferStatusConflict
from offer.offers.domain.offer_rules import check_details, check_price
from pricing.offer_price import current_price
from pricing.rounding import Mode

DRAFT, PUBLISHED, PAUSED, ARCHIVED = "draft", "published", "paused", "archived"
ADMIN, WINDOW, CAMPAIGN = "admin", "window", "campaign"
"""Reasons of a change of the price."""

RunningCampaigns = Iterable[tuple[UUID, CampaignChange]]
"""The campaigns that run for the offer now and change its price."""

UNNAMED = facts.OfferDetails(
    slug="",
    name="",
    type="",
    products=(),
    price=facts.OfferPrice(currency="", base=0),
    shipping=facts.OfferShipping(requires_shipping=False),
)


class Offer(Aggregate):
    """Created as a draft, published and paused any number of times, and archived for good."""

    CREATED_BY = facts.Created.TYPE

    def initialise(self) -> None:
        self.status = DRAFT
        self.details = UNNAMED
        self.current = 0
        """What one offer costs, by the last fact about it: minor units of the price's currency."""

    def create(self, details: facts.OfferDetails) -> None:
        check_details(details)
        self.record(facts.Created(details=details))

    def change(self, details: facts.OfferDetails) -> None:
        """Slug and products only while it is a draft; the price by ``change_price``. Raises
        ``OfferStatusConflict`` and ``Invalid``."""
        fixed = details.slug, details.products
        if self.status == ARCHIVED or (
            self.status != DRAFT and fixed != (self.details.slug, self.details.products)
        ):
            raise self._conflict("be changed in this way")
        check_details(details)
        if details != self.details:
            self.record(facts.Changed(details=details))

    def change_price(
        self, price: facts.OfferPrice, campaigns: RunningCampaigns, mode: Mode, now: datetime
    ) -> None:
        """Raises ``OfferStatusConflict`` and ``Invalid``: an offer keeps its currency, in which its threshold
        and the conditions of its upsells are given."""
        if self.status == ARCHIVED:
            raise self._conflict("get another price")
        check_price(price, ())
        if price.currency != self.details.price.currency:
            raise Invalid(("base", "currency"), f"The offer is sold in {self.details.price.currency}.")
        if price != self.details.price:
            self._record_price(price, current_price(price, now, campaigns, mode=mode).amount, ADMIN)

    def pass_price_window(self, campaigns: RunningCampaigns, mode: Mode, now: datetime) -> None:
        """The window of the discount has opened or closed."""
        price = self.details.price
        self._record_price(price, current_price(price, now, campaigns, mode=mode).amount, WINDOW)

    def price_changed_by_campaign(self, campaigns: RunningCampaigns, mode: Mode, now: datetime) -> None:
        """A campaign has begun or ended to change the price. Records nothing if the price stays."""
        price = self.details.price
        current = current_price(price, now, campaigns, mode=mode).amount
        if self.status != ARCHIVED and current != self.current:
            self._record_price(price, current, CAMPAIGN)

    def publish(self) -> None:
        if self.status == ARCHIVED:
            raise self._conflict("be published")
        if self.status != PUBLISHED:
            self.record(facts.Published())

    def pause(self) -> None:
        if self.status not in {PUBLISHED, PAUSED}:
            raise self._conflict("be paused")
        if self.status != PAUSED:
            self.record(facts.Paused())

    def archive(self) -> None:
        if self.status != ARCHIVED:
            self.record(facts.Archived())

    def _record_price(self, price: facts.OfferPrice, current: int, reason: str) -> None:
        self.record(
            facts.PriceChanged(
                old=self.details.price,
                new=price,
                previous_current=self.current,
                current=current,
                currency=price.currency,
                reason=reason,
            )
        )

    def _conflict(self, what: str) -> OfferStatusConflict:
        return OfferStatusConflict(f"An offer that is {self.status} cannot {what}.", offer_status=self.status)

    def evolve(self, fact: facts.OfferFact) -> None:
        match fact:
            case facts.Created(details=details):
                self.details = details
                self.current = current_price(details.price, fact.timestamp).amount
            case facts.Changed(details=details):
                self.details = details
            case facts.PriceChanged(new=price, current=current):
                self.details = self.details.model_copy(update={"price": price})
                self.current = current
            case facts.Published():
                self.status = PUBLISHED
            case facts.Paused():
                self.status = PAUSED
            case facts.Archived():
                self.status = ARCHIVED
            case _:
                assert_never(fact)
