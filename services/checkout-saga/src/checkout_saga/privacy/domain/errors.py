"""The refusals of erasures; the docstrings become docs/errors.md."""

from kernel.domain import Refused


class CustomerBusy(Refused):
    """A checkout, a refund, a return or a dispute of the customer is under way: `checkouts`, `refunds`,
    `returns` and `disputes` name them. Erase when they have ended."""

    code = "CUSTOMER_BUSY"
