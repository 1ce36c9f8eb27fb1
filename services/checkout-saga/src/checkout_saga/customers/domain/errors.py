"""The refusals of customers; the docstrings become docs/errors.md."""

from collections.abc import Mapping

from kernel.domain import FieldPath, NotFound, Refused


class InvalidEmail(Refused):
    """The text is not an e-mail address."""

    code = "INVALID_EMAIL"

    def __init__(self, field: FieldPath, detail: str) -> None:
        super().__init__(detail, field=field)


class InvalidTaxId(Refused):
    """The text is no tax number of this type."""

    code = "INVALID_TAX_ID"

    def __init__(self, field: FieldPath) -> None:
        super().__init__("This is no tax number of this type.", field=field)


class InvalidAddress(Refused):
    """The postal address does not follow the rules of its country; `errors` lists the fields at fault, each
    as `required` or `invalid`."""

    code = "INVALID_ADDRESS"

    def __init__(self, faults: Mapping[FieldPath, str]) -> None:
        super().__init__("The address does not follow the rules of its country.", faults=faults)


class CustomerNotFound(NotFound):
    """Nothing is known of this customer."""

    code = "CUSTOMER_NOT_FOUND"


class CustomerExists(Refused):
    """Another customer has this address, or this customer has another one; of a link: the guest is linked
    with another account, or is an account with guests of its own."""

    code = "CUSTOMER_EXISTS"


class CustomerIsGuest(Refused):
    """The named customer is a guest, or is linked with an account: guests are linked with accounts, and their
    ids follow from their addresses."""

    code = "CUSTOMER_IS_GUEST"
