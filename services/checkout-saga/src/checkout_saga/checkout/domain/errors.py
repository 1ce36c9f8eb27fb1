"""The refusals of checkouts; the docstrings become docs/errors.md."""

from kernel.domain import NotFound, Refused


class CheckoutNotFound(NotFound):
    """There is no such checkout."""

    code = "CHECKOUT_SESSION_NOT_FOUND"


class TooLateToCancel(Refused):
    """The checkout has ended, is being compensated, or its capture has been started."""

    code = "CHECKOUT_NOT_CANCELLABLE"


class NoPaymentWanted(Refused):
    """The checkout does not wait for another way to pay."""

    code = "NO_PAYMENT_WANTED"


class TooManyPendingPayments(Refused):
    """Two checkouts of the customer wait already for payments that take hours or days."""

    code = "TOO_MANY_PENDING_PAYMENTS"


class PaymentDetailsRequired(Refused):
    """The payment method needs details that the request does not have."""

    code = "PAYMENT_DETAILS_REQUIRED"


class CurrencyNotSupported(Refused):
    """The payment method does not take this currency, or this amount of it."""

    code = "CURRENCY_NOT_SUPPORTED"


class NoActionRequired(Refused):
    """The payment does not wait for an action of the customer."""

    code = "NO_ACTION_REQUIRED"


class ReviewNotFound(NotFound):
    """There is no such checkout, or none of its payments was ever in review."""

    code = "REVIEW_NOT_FOUND"


class ReviewClosed(Refused):
    """The review has been decided, its time is over, or the checkout was given up."""

    code = "REVIEW_CLOSED"


class NotRemovable(Refused):
    """These lines cannot be removed from the sale."""

    code = "INVALID_REQUEST"
