"""The refusals of orders and refunds; the docstrings become docs/errors.md."""

from kernel.domain import NotFound, Refused


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "ORDER_NOT_FOUND"


class NotRefundable(Refused):
    """Nothing was paid for the order, or the refund is more than is left to be refunded."""

    code = "REFUND_NOT_POSSIBLE"


class RefundNotFound(NotFound):
    """There is no such refund of the order."""

    code = "REFUND_NOT_FOUND"


class RefundNotResolvable(Refused):
    """The refund does not need an operator, or this outcome does not fit it."""

    code = "REFUND_NOT_RESOLVABLE"


class OrderNotCancellable(Refused):
    """The order has been cancelled or refunded already, or its checkout is still under way."""

    code = "ORDER_NOT_CANCELLABLE"
