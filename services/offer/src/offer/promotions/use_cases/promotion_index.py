"""The unique keys by which promotions are found: by code, or as automatic."""

from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import CodeExists, Invalid
from offer.promotions.domain.promotion import Promotion
from pricing.codes import canonical, key_of

LISTED = "promotion"
"""Kind of the unique key that every promotion claims with its own id; the list of promotions reads it."""
CODE = "promotion_code"
AUTOMATIC = "automatic_promotion"
"""For promotions without a code, which are tried on every sale."""


def index_key_of(code: str | None, promotion: Promotion) -> tuple[str, str]:
    """Kind and value of the unique key for a code, or for an automatic promotion."""
    if code is None:
        return AUTOMATIC, str(promotion.id)
    return CODE, key_of(code)


async def claim_index_key(promotion: Promotion, work: UnitOfWork) -> None:
    code = promotion.terms.code
    if code is not None and canonical(code) is None:
        detail = "A code has 1 to 64 letters A to Z or digits, with the signs . _ - between them."
        raise Invalid(("code",), detail)
    kind, value = index_key_of(code, promotion)
    if await work.owner_of_key(kind, value):
        raise CodeExists(f"Another promotion has the code {code}.")
    work.claim_key(kind, value, promotion.id)
