"""The refusals of the catalogue, the stock and the promotions. Each docstring stands in docs/errors.md."""

from kernel.domain import FieldPath, NotFound, Refused


class ProductNotFound(NotFound):
    """There is no such product, or it is not for sale."""

    code = "PRODUCT_NOT_FOUND"


class PromotionNotFound(NotFound):
    """There is no such promotion."""

    code = "PROMOTION_NOT_FOUND"


class SkuExists(Refused):
    """Another product has this SKU."""

    code = "SKU_EXISTS"


class CodeExists(Refused):
    """Another promotion has this code."""

    code = "CODE_EXISTS"


class NotSupported(Refused):
    """The feature is planned, but not supported yet."""

    code = "NOT_SUPPORTED"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class Invalid(Refused):
    """Each field is well-formed, but they contradict one another."""

    code = "INVALID_REQUEST"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class InvalidQuantity(Refused):
    """The quantity is less than can be bought."""

    code = "INVALID_QUANTITY"


class MaxItemQuantityExceeded(Refused):
    """The quantity is more than can be bought of one item."""

    code = "MAX_ITEM_QUANTITY_EXCEEDED"


class CurrencyNotPriced(Refused):
    """The product has no price in this currency."""

    code = "CURRENCY_NOT_PRICED"
