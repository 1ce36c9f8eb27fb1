"""Change a promotion's terms; uses that are already held keep them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.promotion import Terms
from kernel.unit_of_work import UnitOfWork
from offer.application.find_promotion import find_promotion
from offer.application.ports import Expect, any_version
from offer.application.promotion_index import claim_index_key, name_of
from offer.domain.promotion import Promotion


@dataclass(frozen=True, slots=True)
class ChangePromotion:
    promotion_id: UUID
    fields: Mapping[str, Any]
    """Of ``Terms``; what is not named stays as it is."""


async def change_promotion(
    command: ChangePromotion, work: UnitOfWork, expect: Expect = any_version
) -> Promotion:
    promotion = await find_promotion(command.promotion_id, work)
    expect(promotion)
    old = name_of(promotion.terms.code, promotion)
    promotion.change(Terms.model_validate({**promotion.terms.model_dump(), **command.fields}))
    if name_of(promotion.terms.code, promotion) != old:
        await claim_index_key(promotion, work)
        work.release_key(*old)
    return promotion
