"""The refusals of products, and of fields of any request. Each docstring stands in docs/errors.md."""

from kernel.domain import FieldPath, NotFound, Refused


class ProductNotFound(NotFound):
    """There is no such product, or it is not for sale."""

    code = "PRODUCT_NOT_FOUND"


class SkuExists(Refused):
    """Another product has this SKU."""

    code = "SKU_EXISTS"


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
