"""Begin a promotion."""

from contracts.promotion import Terms
from kernel import ids
from kernel.work import Work
from offer.application.promotion_names import LISTED, claim_name
from offer.domain.promotion import Promotion


async def create_promotion(terms: Terms, work: Work) -> Promotion:
    promotion = await work.open(Promotion, ids.fresh())
    promotion.create(terms)
    await claim_name(promotion, work)
    work.claim(LISTED, str(promotion.id), promotion.id)
    return promotion
