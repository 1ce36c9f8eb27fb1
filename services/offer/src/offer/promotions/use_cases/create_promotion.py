"""Create a promotion."""

from contracts.promotion import Terms
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.promotion_index import LISTED, claim_index_key


async def create_promotion(terms: Terms, work: UnitOfWork) -> Promotion:
    promotion = await work.open(Promotion, ids.new_id())
    promotion.create(terms)
    await claim_index_key(promotion, work)
    work.claim_key(LISTED, str(promotion.id), promotion.id)
    return promotion
