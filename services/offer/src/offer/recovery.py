"""``python -m offer recover-log``: what follows from the facts of this service's streams."""

from __future__ import annotations

from collections.abc import Sequence

from contracts import campaign, offer, product, promotion, reservation, upsell
from contracts.topics import MESSAGES
from kernel.recovery.derivations import Derivation, Derivations
from kernel.recovery.job import RecoverySettings, recover_log
from offer.campaigns.domain.campaign import Campaign
from offer.campaigns.use_cases.campaigns import claim_again as campaign_keys
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases import claim_again as product_keys
from offer.inventory.domain.reservation import Reservation
from offer.inventory.use_cases.reservations import set_expiry_again
from offer.offers.domain.offer import Offer
from offer.offers.use_cases.offers import claim_again as offer_keys
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.promotions import claim_again as promotion_keys
from offer.upsells.domain.upsell import Upsell
from offer.upsells.use_cases.upsells import claim_again as upsell_keys

DERIVATIONS: Derivations = {
    product.Created.TYPE: Derivation(Product, product_keys),
    offer.Created.TYPE: Derivation(Offer, offer_keys),
    upsell.Created.TYPE: Derivation(Upsell, upsell_keys),
    campaign.Created.TYPE: Derivation(Campaign, campaign_keys),
    promotion.Created.TYPE: Derivation(Promotion, promotion_keys),
    reservation.Made.TYPE: Derivation(Reservation, set_expiry_again),
}


async def recover(settings: RecoverySettings, options: Sequence[str]) -> None:
    await recover_log(settings, "offer", MESSAGES, DERIVATIONS, options)
