"""The refusals of checkouts; the docstrings become docs/errors.md."""

from kernel.domain import NotFound, Refused


class CheckoutNotFound(NotFound):
    """There is no such checkout."""

    code = "CHECKOUT_SESSION_NOT_FOUND"


class PaymentMethodNotAvailable(Refused):
    """This payment method is not available yet."""

    code = "PAYMENT_METHOD_NOT_AVAILABLE"


class TooLateToCancel(Refused):
    """The checkout has ended, is being compensated, or its capture has been started."""

    code = "CHECKOUT_NOT_CANCELLABLE"


class NoActionRequired(Refused):
    """The payment does not wait for an action of the customer."""

    code = "NO_ACTION_REQUIRED"
