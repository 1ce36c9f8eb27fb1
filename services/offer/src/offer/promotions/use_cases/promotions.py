"""What a shop does with its promotions: create, change and disable them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.promotion import Terms
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import CodeExists, Invalid
from offer.promotions.domain.errors import PromotionNotFound
from offer.promotions.domain.promotion import Promotion
from offer.promotions.use_cases.automatic import (
    claim_automatic,
    claim_automatic_again,
    release_automatic,
)
from pricing.codes import canonical, key_of

LISTED = "promotion"
"""Kind of the unique key that every promotion claims with its own id; the list of promotions reads it."""
CODE = "promotion_code"


async def find_promotion(promotion_id: UUID, work: UnitOfWork) -> Promotion:
    """A promotion of the tenant, disabled or not. Raises ``PromotionNotFound``."""
    promotion = await work.open(Promotion, promotion_id)
    if not promotion.exists:
        raise PromotionNotFound("There is no such promotion.")
    return promotion


async def create_promotion(terms: Terms, work: UnitOfWork) -> Promotion:
    """Raises ``CodeExists`` and ``TooManyAutomaticPromotions``."""
    promotion = work.create(Promotion, ids.new_id())
    promotion.create(terms)
    await _claim_index_key(promotion, work)
    work.claim_key(LISTED, str(promotion.id), promotion.id)
    return promotion


async def with_codes(codes: Iterable[str], work: UnitOfWork) -> list[UUID]:
    """The promotions that have one of the codes, by id."""
    keys = {key for key in map(canonical, codes) if key}
    return sorted(set((await work.owners_of_keys(CODE, sorted(keys))).values()))


@dataclass(frozen=True, slots=True)
class ChangePromotion:
    promotion_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``Terms``; a field that is left out keeps its value."""


async def change_promotion(command: ChangePromotion, work: UnitOfWork) -> Promotion:
    """Uses that are already held stay held. Raises ``PromotionNotFound``, ``CodeExists`` and
    ``TooManyAutomaticPromotions``."""
    promotion = await find_promotion(command.promotion_id, work)
    old_code = promotion.terms.code
    promotion.change(Terms.model_validate({**promotion.terms.model_dump(), **command.fields}))
    if _key_of(promotion.terms.code) != _key_of(old_code):
        await _claim_index_key(promotion, work)
        await _release_index_key(promotion, old_code, work)
    return promotion


async def disable_promotion(promotion_id: UUID, work: UnitOfWork) -> Promotion:
    """For good; uses that are already held stay held. Raises ``PromotionNotFound``."""
    promotion = await find_promotion(promotion_id, work)
    promotion.disable()
    if promotion.terms.code is None:
        await release_automatic(promotion, work)
    return promotion


async def claim_again(promotion: Promotion, work: UnitOfWork) -> None:
    """Claim the keys of a promotion whose facts have been recovered."""
    if (key := _key_of(promotion.terms.code)) is not None:
        work.claim_key(CODE, key, promotion.id)
    elif not promotion.disabled:
        await claim_automatic_again(promotion, work)
    work.claim_key(LISTED, str(promotion.id), promotion.id)


def _key_of(code: str | None) -> str | None:
    return None if code is None else key_of(code)


def _check_code(code: str | None) -> None:
    """Raises ``Invalid`` for a code with other characters than codes have."""
    if code is not None and canonical(code) is None:
        detail = "A code has 1 to 64 letters A to Z or digits, with the signs . _ - between them."
        raise Invalid(("code",), detail)


async def _claim_index_key(promotion: Promotion, work: UnitOfWork) -> None:
    """Raises ``CodeExists``, ``TooManyAutomaticPromotions``, and ``Invalid`` for a code with other characters
    than codes have."""
    code = promotion.terms.code
    if code is None:
        if not promotion.disabled:
            await claim_automatic(promotion, work)
        return
    _check_code(code)
    if await work.owner_of_key(CODE, key_of(code)):
        raise CodeExists(f"Another promotion has the code {code}.")
    work.claim_key(CODE, key_of(code), promotion.id)


async def _release_index_key(promotion: Promotion, old_code: str | None, work: UnitOfWork) -> None:
    if old_code is None:
        await release_automatic(promotion, work)
    else:
        work.release_key(CODE, key_of(old_code))
