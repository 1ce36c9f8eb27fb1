"""Disable a promotion for good; uses that are already held stay held."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.use_cases.if_match import Expect, any_version
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.find_promotion import find_promotion


async def disable_promotion(promotion_id: UUID, work: UnitOfWork, expect: Expect = any_version) -> Promotion:
    promotion = await find_promotion(promotion_id, work)
    expect(promotion)
    promotion.disable()
    return promotion
