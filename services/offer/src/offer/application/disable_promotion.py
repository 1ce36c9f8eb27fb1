"""Disable a promotion for good; uses that are already held stay held."""

from uuid import UUID

from kernel.unit_of_work import UnitOfWork
from offer.application.find_promotion import find_promotion
from offer.application.ports import Expect, any_version
from offer.domain.promotion import Promotion


async def disable_promotion(promotion_id: UUID, work: UnitOfWork, expect: Expect = any_version) -> Promotion:
    promotion = await find_promotion(promotion_id, work)
    expect(promotion)
    promotion.disable()
    return promotion
