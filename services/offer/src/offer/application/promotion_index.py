"""What promotions are found by: their code, or that they need none."""

from kernel.unit_of_work import UnitOfWork
from offer.domain.errors import CodeExists, Invalid
from offer.domain.promotion import Promotion
from pricing.codes import canonical, key_of

LISTED = "promotion"
"""Claimed by every promotion for itself: what the list of promotions goes by."""
CODE = "promotion_code"
AUTOMATIC = "automatic_promotion"


def name_of(code: str | None, promotion: Promotion) -> tuple[str, str]:
    """The claim that such a code needs; none: the promotion is tried on every sale."""
    if code is None:
        return AUTOMATIC, str(promotion.id)
    return CODE, key_of(code)


async def claim_index_key(promotion: Promotion, work: UnitOfWork) -> None:
    code = promotion.terms.code
    if code is not None and canonical(code) is None:
        raise Invalid(("code",), "a code is 1 to 64 letters A to Z, digits, and . _ - between them")
    kind, value = name_of(code, promotion)
    if await work.owner_of_key(kind, value):
        raise CodeExists(f"Another promotion has the code {code}.")
    work.claim_key(kind, value, promotion.id)
