"""The refusals of subscriptions and invoices; the docstrings become docs/errors.md."""

from kernel.domain import NotFound, Refused


class SubscriptionNotFound(NotFound):
    """There is no such subscription, or it has not begun."""

    code = "SUBSCRIPTION_NOT_FOUND"


class InvoiceNotFound(NotFound):
    """There is no such invoice."""

    code = "INVOICE_NOT_FOUND"


class SubscriptionNotActive(Refused):
    """The subscription has ended, or has no plan and ends with its order: ``subscription_status`` says
    which."""

    code = "SUBSCRIPTION_NOT_ACTIVE"
