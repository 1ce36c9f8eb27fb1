"""Read what the catalogue has about the lines of a sale: a query for each kind of thing, not each line."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from contracts.product import Details
from contracts.sale import Destination
from kernel.unit_of_work import UnitOfWork
from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.use_cases.campaigns import campaigns_of
from offer.campaigns.use_cases.prices import active_campaigns
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases import for_sale
from offer.experiments.use_cases.experiments import experiments_on
from offer.offers.domain.offer import PUBLISHED, Offer
from offer.promotions.domain.promotion import Promotion
from offer.quotes.domain.shop import OnOffer, Proposed, Shop
from offer.tax_rates.use_cases import find_tax_rates
from offer.upsells.domain.upsell import Upsell
from pricing import promotions as rules
from pricing.from_contracts import NO_TAX, destination_of, promotion_of, tax_rate_of
from pricing.product_price import with_parent
from pricing.promotions import Reason
from pricing.tax import TaxTable


async def load_shop(
    product_ids: Iterable[UUID],
    offer_ids: Collection[UUID],
    upsell_ids: Iterable[UUID],
    at: datetime,
    work: UnitOfWork,
    held: Collection[UUID] = (),
) -> Shop:
    """``at``: the moment by which windows are judged. ``held``: campaigns of whose budget the checkout holds
    a part."""
    offers = {
        key: it
        for key, it in (await work.open_many(Offer, offer_ids)).items()
        if it.exists and it.status == PUBLISHED
    }
    upsells = {key: it for key, it in (await work.open_many(Upsell, upsell_ids)).items() if it.exists}
    in_offers = (it.product_id for offer in offers.values() for it in offer.details.products)
    in_upsells = (it.details.product_id for it in upsells.values())
    return Shop(
        products=await _products({*product_ids, *in_offers, *in_upsells}, work),
        offers=await _on_offer(offers, at, work, held) if offers else {},
        upsells={key: Proposed(it.offer_id, it.details, it.removed) for key, it in upsells.items()},
    )


async def taxes_at(destination: Destination | None, work: UnitOfWork) -> TaxTable:
    """Without a destination no tax is due."""
    if destination is None:
        return NO_TAX
    rates = (await find_tax_rates(work)).rates.values()
    return TaxTable(tuple(tax_rate_of(it) for it in rates), destination_of(destination))


async def rules_of(
    promotions: Mapping[UUID, Promotion], at: datetime, work: UnitOfWork, held: Collection[UUID] = ()
) -> list[rules.Promotion]:
    """Promotions as prices depend on them. Those of a campaign run only while it does. ``held``: as in
    ``load_shop``."""
    campaigns = await campaigns_of(promotions, work) if promotions else {}
    return [
        promotion_of(key, it.terms, _refused(it, campaigns.get(key), at, held))
        for key, it in promotions.items()
        if it.exists
    ]


def _refused(
    promotion: Promotion, campaign: Campaign | None, at: datetime, held: Collection[UUID]
) -> Reason | None:
    if promotion.disabled:
        return Reason.DISABLED
    runs = campaign is None or campaign.runs_at(at, is_held=campaign.id in held)
    return None if runs else Reason.EXPIRED


async def _products(product_ids: Collection[UUID], work: UnitOfWork) -> dict[UUID, Details]:
    products = await for_sale(product_ids, work)
    parent_ids = {it.details.variant_of for it in products.values() if it.details.variant_of is not None}
    parents = await work.open_many(Product, parent_ids) if parent_ids else {}
    return {key: _complete(it, parents) for key, it in products.items()}


def _complete(product: Product, parents: Mapping[UUID, Product]) -> Details:
    parent_id = product.details.variant_of
    return with_parent(product.details, None if parent_id is None else parents[parent_id].details)


async def _on_offer(
    offers: Mapping[UUID, Offer], at: datetime, work: UnitOfWork, held: Collection[UUID]
) -> dict[UUID, OnOffer]:
    campaigns = await active_campaigns(work)
    experiments = await experiments_on(offers, work)
    return {
        key: OnOffer(
            it.details,
            [
                (campaign.id, campaign.details.change)
                for campaign in campaigns
                if campaign.details.change is not None
                and campaign.prices(key, at, is_held=campaign.id in held)
            ],
            experiments[key].assignment if key in experiments else None,
        )
        for key, it in offers.items()
    }
