"""The refusals of customers; the docstrings become docs/errors.md."""

from kernel.domain import FieldPath, Refused


class InvalidEmail(Refused):
    """The text is not an e-mail address."""

    code = "INVALID_EMAIL"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class CustomerExists(Refused):
    """The guest of this address is linked with another account, or is an account with guests of its own."""

    code = "CUSTOMER_EXISTS"


class CustomerIsGuest(Refused):
    """The customer in the path is a guest, or is linked with an account. Guests are linked with accounts."""

    code = "CUSTOMER_IS_GUEST"
