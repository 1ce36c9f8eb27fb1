"""The refusals of promotions. Each docstring stands in docs/errors.md."""

from kernel.domain import NotFound, Refused


class PromotionNotFound(NotFound):
    """There is no such promotion."""

    code = "PROMOTION_NOT_FOUND"


class TooManyAutomaticPromotions(Refused):
    """As many promotions without a code are on as there may be; disable one, or give it a code."""

    code = "TOO_MANY_AUTOMATIC_PROMOTIONS"
