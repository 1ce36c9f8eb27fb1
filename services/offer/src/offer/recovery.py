"""``python -m offer recover-log``: what follows from the facts of this service's streams."""

from __future__ import annotations

from collections.abc import Sequence

from contracts import (
    campaign,
    category,
    collection,
    experiment,
    offer,
    plan,
    product,
    promotion,
    referral,
    referral_attribution,
    referral_override,
    referral_program,
    referral_rule,
    reservation,
    reward,
    upsell,
)
from contracts.topics import MESSAGES
from kernel.recovery.derivations import Derivation, Derivations
from kernel.recovery.job import RecoverySettings, recover_log
from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.use_cases.campaigns import claim_again as campaign_keys
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases import claim_again as product_keys
from offer.categories.domain.groups import Category, Collection
from offer.categories.use_cases import claim_category_again, claim_collection_again
from offer.experiments.domain.experiment import Experiment
from offer.experiments.use_cases.experiments import claim_again as experiment_keys
from offer.inventory.domain.reservation import Reservation
from offer.inventory.use_cases.reservations import set_expiry_again
from offer.offers.domain.offer import Offer
from offer.offers.use_cases.offers import claim_again as offer_keys
from offer.plans.domain.plan import Plan
from offer.plans.use_cases.plans import claim_again as plan_keys
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.promotions import claim_again as promotion_keys
from offer.referral.domain.application import ReferralApplication
from offer.referral.domain.attribution import ReferralAttribution
from offer.referral.domain.override import ReferralOverride
from offer.referral.domain.program import ReferralProgram
from offer.referral.domain.rule import ReferralRule
from offer.referral.use_cases.applications import claim_again as application_keys
from offer.referral.use_cases.attributions import claim_again as attribution_keys
from offer.referral.use_cases.overrides import claim_again as override_keys
from offer.referral.use_cases.programs import claim_again as program_keys
from offer.referral.use_cases.rules import claim_again as rule_keys
from offer.rewards.domain.reward import Reward
from offer.rewards.use_cases.index import claim_again as reward_keys
from offer.upsells.domain.upsell import Upsell
from offer.upsells.use_cases.upsells import claim_again as upsell_keys

DERIVATIONS: Derivations = {
    product.Created.TYPE: Derivation(Product, product_keys),
    plan.Created.TYPE: Derivation(Plan, plan_keys),
    offer.Created.TYPE: Derivation(Offer, offer_keys),
    upsell.Created.TYPE: Derivation(Upsell, upsell_keys),
    campaign.Created.TYPE: Derivation(Campaign, campaign_keys),
    category.Set.TYPE: Derivation(Category, claim_category_again),
    collection.Set.TYPE: Derivation(Collection, claim_collection_again),
    experiment.Created.TYPE: Derivation(Experiment, experiment_keys),
    promotion.Created.TYPE: Derivation(Promotion, promotion_keys),
    referral_program.Created.TYPE: Derivation(ReferralProgram, program_keys),
    referral_rule.Created.TYPE: Derivation(ReferralRule, rule_keys),
    referral_attribution.Created.TYPE: Derivation(ReferralAttribution, attribution_keys),
    referral_override.Set.TYPE: Derivation(ReferralOverride, override_keys),
    referral.Applied.TYPE: Derivation(ReferralApplication, application_keys),
    reward.Granted.TYPE: Derivation(Reward, reward_keys),
    reservation.Made.TYPE: Derivation(Reservation, set_expiry_again),
}


async def recover(settings: RecoverySettings, options: Sequence[str]) -> None:
    await recover_log(settings, "offer", MESSAGES, DERIVATIONS, options)
