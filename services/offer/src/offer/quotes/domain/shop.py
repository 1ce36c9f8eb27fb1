"""What the catalogue says about the lines of a sale, and the unit prices that follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.campaign import CampaignChange
from contracts.offer import OfferDetails
from contracts.product import Details
from contracts.sale import Exposure
from contracts.upsell import UpsellDetails
from pricing.experiments import Assignment
from pricing.from_contracts import Item
from pricing.offer_price import CurrentPrice, current_price, parts_of_offer
from pricing.product_price import PriceContext, product_price
from pricing.upsell_price import upsell_price


class NotForSale(Exception):
    """A line cannot be sold, or not in this currency."""

    def __init__(self, product_id: UUID, *, is_for_sale: bool) -> None:
        super().__init__()
        self.product_id = product_id
        self.is_for_sale = is_for_sale


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line without its price. ``units``: of the product in one of its quantity, of an offer's product."""

    line_id: str
    product_id: UUID
    quantity: int
    units: int = 1
    offer_id: UUID | None = None
    upsell_id: UUID | None = None
    experiment: Exposure | None = None
    gift_seats: int = 0
    plan_id: str | None = None


@dataclass(frozen=True, slots=True)
class OnOffer:
    """A published offer, with the running campaigns that change its price, and the experiment that runs or
    was stopped last."""

    details: OfferDetails
    campaigns: Sequence[tuple[UUID, CampaignChange]] = ()
    experiment: Assignment | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """An upsell of the offer."""

    offer_id: UUID
    details: UpsellDetails
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Shop:
    """``products`` are those for sale; a variant's details are completed by its parent's."""

    products: Mapping[UUID, Details]
    offers: Mapping[UUID, OnOffer] = field(default_factory=dict)
    upsells: Mapping[UUID, Proposed] = field(default_factory=dict)

    @property
    def has_prices_for_segments(self) -> bool:
        """Whether any price depends on the customer."""
        return any(_depends_on_segments(it) for it in self.products.values())

    def items(
        self, lines: Sequence[Wanted], context: PriceContext, offered: Collection[UUID] = ()
    ) -> list[Item]:
        """The lines with their prices. ``offered``: offers whose upsells are reduced although none of their
        products is among the lines. Raises ``NotForSale``."""
        units = Counter[UUID]()
        for line in lines:
            if self._offer_of(line) is None and line.upsell_id is None:
                units[line.product_id] += line.quantity * line.units
        present = {line.offer_id for line in lines if line.offer_id and line.upsell_id is None}
        return [self._item(line, context, units[line.product_id], present.union(offered)) for line in lines]

    def _item(self, line: Wanted, context: PriceContext, units: int, offered: Collection[UUID]) -> Item:
        offer = self._offer_of(line)
        campaign_id = None
        if offer is not None:
            current = self._current_price(offer, line, context)
            amount = parts_of_offer(offer.details, current.amount, self.products).get(line.product_id)
            if amount is None:
                raise NotForSale(line.product_id, is_for_sale=False)
            source = f"part of the offer at {current.amount} ({current.source})"
            campaign_id = current.campaign_id
        elif line.upsell_id is not None:
            amount, source = self._upsell_price(line, context, offered)
        else:
            amount, source = self._product_price(line, context, units)
        within = self.offers.get(line.offer_id) if line.offer_id else None
        return Item(
            line_id=line.line_id,
            product_id=line.product_id,
            details=self._details(line.product_id),
            quantity=line.quantity,
            unit_price=amount,
            offer_id=line.offer_id,
            offer=within.details if within else None,
            upsell_id=line.upsell_id,
            units=line.units,
            campaign_id=campaign_id,
            experiment=line.experiment,
            gift_seats=line.gift_seats,
            plan_id=line.plan_id,
            price_source=source,
        )

    def _offer_of(self, line: Wanted) -> OnOffer | None:
        """The offer whose price contains the line's; none for its optional products, and for upsells."""
        if line.offer_id is None or line.upsell_id is not None:
            return None
        offer = self.offers.get(line.offer_id)
        if offer is None:
            raise NotForSale(line.product_id, is_for_sale=False)
        is_required = any(it.product_id == line.product_id and it.required for it in offer.details.products)
        return offer if is_required else None

    def _current_price(self, offer: OnOffer, line: Wanted, context: PriceContext) -> CurrentPrice:
        price = offer.details.price
        if price.currency != context.currency:
            raise NotForSale(line.product_id, is_for_sale=True)
        for it in offer.details.products:
            if it.required:
                self._details(it.product_id)
        changes = offer.experiment.changes_for(line.experiment) if offer.experiment else None
        return current_price(price, context.at, offer.campaigns, changes, context.mode)

    def _product_price(self, line: Wanted, context: PriceContext, units: int) -> tuple[int, str]:
        found = product_price(self._details(line.product_id), context, units)
        if found is None:
            raise NotForSale(line.product_id, is_for_sale=True)
        return found.amount, found.source

    def _upsell_price(
        self, line: Wanted, context: PriceContext, offered: Collection[UUID]
    ) -> tuple[int, str]:
        """The product's own price if the upsell's offer is not among the lines any more."""
        amount, source = self._product_price(line, context, 1)
        upsell = self.upsells.get(line.upsell_id) if line.upsell_id else None
        if upsell is None:
            raise NotForSale(line.product_id, is_for_sale=False)
        if upsell.offer_id not in offered:
            return amount, source
        if upsell.is_removed:
            raise NotForSale(line.product_id, is_for_sale=False)
        return upsell_price(upsell.details.discount, amount, context.mode), f"upsell of {source}"

    def _details(self, product_id: UUID) -> Details:
        details = self.products.get(product_id)
        if details is None:
            raise NotForSale(product_id, is_for_sale=False)
        return details


def _depends_on_segments(details: Details) -> bool:
    rules = details.dynamic.rules if details.dynamic else ()
    return (
        any(it.segment is not None for it in details.prices)
        or any(it.get("segment") is not None for it in details.tiers)
        or any(it.when.get("segments") for it in rules)
    )
