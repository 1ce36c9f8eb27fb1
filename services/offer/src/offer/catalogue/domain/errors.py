"""The refusals of products and their plans, and of fields of any request. Each docstring stands in
docs/errors.md."""

from kernel.domain import FieldPath, NotFound, Refused


class ProductNotFound(NotFound):
    """There is no such product, or it is not for sale."""

    code = "PRODUCT_NOT_FOUND"


class SkuExists(Refused):
    """Another product has this SKU."""

    code = "SKU_EXISTS"


class CodeExists(Refused):
    """Another promotion, or another plan, has this code."""

    code = "CODE_EXISTS"


class PlanNotFound(NotFound):
    """There is no such plan."""

    code = "PLAN_NOT_FOUND"


class PlanNotActive(Refused):
    """The plan is archived: it takes no subscriptions and does not change."""

    code = "PLAN_NOT_ACTIVE"


class PlanPriceDiffers(Refused):
    """A product of a plan costs what the plan costs."""

    code = "PLAN_PRICE_DIFFERS"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class Invalid(Refused):
    """Each field is well-formed, but they contradict one another."""

    code = "INVALID_REQUEST"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)
