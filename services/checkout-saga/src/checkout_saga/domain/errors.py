"""The refusals of checkouts, orders and refunds; the docstrings become docs/errors.md."""

from kernel.domain import FieldPath, NotFound, Refused


class CheckoutNotFound(NotFound):
    """There is no such checkout."""

    code = "CHECKOUT_SESSION_NOT_FOUND"


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "ORDER_NOT_FOUND"


class PaymentMethodNotAvailable(Refused):
    """This payment method is not available yet."""

    code = "PAYMENT_METHOD_NOT_AVAILABLE"


class InvalidEmail(Refused):
    """The text is not an e-mail address."""

    code = "INVALID_EMAIL"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class TooLateToCancel(Refused):
    """The checkout has ended, is being compensated, or its capture has been started."""

    code = "CHECKOUT_NOT_CANCELLABLE"


class NoActionRequired(Refused):
    """The payment does not wait for an action of the customer."""

    code = "NO_ACTION_REQUIRED"


class NotRetriable(Refused):
    """No step or compensation is under way that could be repeated."""

    code = "SAGA_NOT_RETRIABLE"


class NotCompensatable(Refused):
    """The checkout has ended, is being compensated already, or has a capture that rules it out."""

    code = "SAGA_NOT_COMPENSATABLE"


class NotResolvable(Refused):
    """No payment operation waits for an operator, or this outcome does not fit it."""

    code = "SAGA_NOT_RESOLVABLE"


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
