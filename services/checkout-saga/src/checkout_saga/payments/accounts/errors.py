"""The refusals about payment accounts; the docstrings become docs/errors.md."""

from kernel.domain import NotFound, Refused


class PaymentAccountNotFound(NotFound):
    """The shop has no account at this payment provider."""

    code = "PAYMENT_ACCOUNT_NOT_FOUND"


class PaymentCredentialsRequired(Refused):
    """An account at this payment provider needs other credentials than those given."""

    code = "PAYMENT_CREDENTIALS_REQUIRED"
