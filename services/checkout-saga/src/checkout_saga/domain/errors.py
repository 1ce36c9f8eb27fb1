"""The rules that a checkout or an order may refuse by."""

from kernel.domain import FieldPath, NotFound, Refused


class CheckoutNotFound(NotFound):
    """There is no such checkout."""

    code = "CHECKOUT_SESSION_NOT_FOUND"


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "ORDER_NOT_FOUND"


class PaymentMethodNotAvailable(Refused):
    """This method of payment cannot be taken yet."""

    code = "PAYMENT_METHOD_NOT_AVAILABLE"


class InvalidEmail(Refused):
    """The e-mail address is none."""

    code = "INVALID_EMAIL"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class TooLateToCancel(Refused):
    """It has ended, or money has been taken."""

    code = "CHECKOUT_NOT_CANCELLABLE"


class NoActionRequired(Refused):
    """The payment asks the customer for nothing."""

    code = "NO_ACTION_REQUIRED"


class NotRetriable(Refused):
    """Nothing is under way that could be asked for again."""

    code = "SAGA_NOT_RETRIABLE"


class NotCompensatable(Refused):
    """It is over, or being taken back already, or the money stands in the way."""

    code = "SAGA_NOT_COMPENSATABLE"


class NotResolvable(Refused):
    """No payment waits for an operator's word, or not for this one."""

    code = "SAGA_NOT_RESOLVABLE"


class NotRefundable(Refused):
    """Nothing of the order is paid for, or more is asked back than is left."""

    code = "REFUND_NOT_POSSIBLE"


class RefundNotFound(NotFound):
    """There is no such refund of the order."""

    code = "REFUND_NOT_FOUND"


class RefundNotResolvable(Refused):
    """It needs nobody, or it is not as the operator says."""

    code = "REFUND_NOT_RESOLVABLE"


class OrderNotCancellable(Refused):
    """It has been called off, or given back, already."""

    code = "ORDER_NOT_CANCELLABLE"
