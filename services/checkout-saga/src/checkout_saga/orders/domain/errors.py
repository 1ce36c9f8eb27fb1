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
    """The order has been cancelled or refunded already, or its checkout is still under way; or the units have
    been handed over: ``handed_over`` says how many of the line."""

    code = "ORDER_NOT_CANCELLABLE"


class LineNotFound(NotFound):
    """The order has no such line."""

    code = "LINE_NOT_FOUND"


class NotFulfillable(Refused):
    """The line is handed over already, or in another state, or its order was cancelled or refunded."""

    code = "FULFILLMENT_NOT_POSSIBLE"


class ShipmentNotFound(NotFound):
    """There is no such shipment."""

    code = "SHIPMENT_NOT_FOUND"


class ReturnNotFound(NotFound):
    """There is no such return."""

    code = "RETURN_NOT_FOUND"


class ReturnNotPossible(Refused):
    """Fewer units of the line can be sent back, the time for it is over, or the return has another state."""

    code = "RETURN_NOT_POSSIBLE"


class UpsellNotFound(NotFound):
    """The link is not valid, or the order has no such upsell."""

    code = "UPSELL_NOT_FOUND"


class UpsellExpired(Refused):
    """The time in which the upsell could be bought is over."""

    code = "UPSELL_EXPIRED"


class UpsellAlreadyBought(Refused):
    """The upsell has been bought, or is being bought: ``checkout_id`` says by which checkout."""

    code = "UPSELL_ALREADY_BOUGHT"


class UpsellNotAvailable(Refused):
    """The order was cancelled or refunded, its customer was erased, its payment cannot be charged again, or
    the purchase has failed too often."""

    code = "UPSELL_NOT_AVAILABLE"
