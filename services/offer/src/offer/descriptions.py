"""The descriptions of the names in the interface of the offer service, of all slices."""

from __future__ import annotations

from kernel.http.descriptions import Words
from offer.campaigns.schemas import descriptions as of_campaigns
from offer.catalogue.schemas import descriptions as of_products
from offer.categories import schemas as of_categories
from offer.experiments.schemas import descriptions as of_experiments
from offer.imports import schemas as of_imports
from offer.inventory import schemas as of_stock
from offer.offers.schemas import descriptions as of_offers
from offer.plans.schemas import descriptions as of_plans
from offer.pricing_policy import schemas as of_pricing_policy
from offer.promotions.schemas import descriptions as of_promotions
from offer.quotes.schemas import descriptions as of_quotes
from offer.referral.schemas import descriptions as of_referral
from offer.rewards.schemas import descriptions as of_rewards
from offer.shipping_rates import schemas as of_shipping_rates
from offer.storefront import schemas as of_storefront
from offer.tax_rates import schemas as of_tax_rates
from offer.upsells.schemas import descriptions as of_upsells

FIELD_DESCRIPTIONS: Words = {
    **of_products.FIELD_DESCRIPTIONS,
    **of_plans.FIELD_DESCRIPTIONS,
    **of_categories.FIELD_DESCRIPTIONS,
    **of_imports.FIELD_DESCRIPTIONS,
    **of_stock.FIELD_DESCRIPTIONS,
    **of_promotions.FIELD_DESCRIPTIONS,
    **of_pricing_policy.FIELD_DESCRIPTIONS,
    **of_referral.FIELD_DESCRIPTIONS,
    **of_rewards.FIELD_DESCRIPTIONS,
    **of_campaigns.FIELD_DESCRIPTIONS,
    **of_offers.FIELD_DESCRIPTIONS,
    **of_upsells.FIELD_DESCRIPTIONS,
    **of_experiments.FIELD_DESCRIPTIONS,
    **of_storefront.FIELD_DESCRIPTIONS,
    **of_tax_rates.FIELD_DESCRIPTIONS,
    **of_shipping_rates.FIELD_DESCRIPTIONS,
    **of_quotes.FIELD_DESCRIPTIONS,
}
