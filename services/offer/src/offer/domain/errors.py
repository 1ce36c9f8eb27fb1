"""The rules that the catalogue, the stock and the promotions may refuse by."""

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
    """It is planned, and not built yet."""

    code = "NOT_SUPPORTED"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class Invalid(Refused):
    """The fields are each well-formed, but not together."""

    code = "INVALID_REQUEST"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class InvalidQuantity(Refused):
    """Fewer than may be bought."""

    code = "INVALID_QUANTITY"


class MaxItemQuantityExceeded(Refused):
    """More of one item than may be bought; ``maximum`` says how many."""

    code = "MAX_ITEM_QUANTITY_EXCEEDED"


class CurrencyNotPriced(Refused):
    """The product has no price in this currency."""

    code = "CURRENCY_NOT_PRICED"
