"""The refusals of payments; the docstrings become docs/errors.md."""

from kernel.domain import Refused


class PaymentMethodNotAvailable(Refused):
    """The shop's payment account does not offer this payment method, there is no such account, or the payment
    needs a later version of the checkout's workflow than checkouts are started with during an upgrade."""

    code = "PAYMENT_METHOD_NOT_AVAILABLE"
