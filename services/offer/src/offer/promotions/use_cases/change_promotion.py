"""Change a promotion's terms; uses that are already held stay held."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.promotion import Terms
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.use_cases.if_match import Expect, any_version
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.find_promotion import find_promotion
from offer.promotions.use_cases.promotion_index import claim_index_key, index_key_of


@dataclass(frozen=True, slots=True)
class ChangePromotion:
    promotion_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``Terms``; a field that is left out keeps its value."""


async def change_promotion(
    command: ChangePromotion, work: UnitOfWork, expect: Expect = any_version
) -> Promotion:
    promotion = await find_promotion(command.promotion_id, work)
    expect(promotion)
    old_key = index_key_of(promotion.terms.code, promotion)
    promotion.change(Terms.model_validate({**promotion.terms.model_dump(), **command.fields}))
    if index_key_of(promotion.terms.code, promotion) != old_key:
        await claim_index_key(promotion, work)
        work.release_key(*old_key)
    return promotion
