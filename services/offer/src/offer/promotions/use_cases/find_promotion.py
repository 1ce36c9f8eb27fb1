"""Open a promotion of the tenant, or refuse with ``PromotionNotFound``."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import PromotionNotFound
from offer.promotions.domain.promotion import Promotion


async def find_promotion(promotion_id: UUID, work: UnitOfWork) -> Promotion:
    promotion = await work.open(Promotion, promotion_id)
    if not promotion.exists:
        raise PromotionNotFound("There is no such promotion.")
    return promotion
