"""Read subscriptions and invoices."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.subscriptions.domain.errors import InvoiceNotFound, SubscriptionNotFound
from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.domain.subscription import Subscription
from checkout_saga.subscriptions.use_cases.document_numbers import note_number
from kernel.unit_of_work import UnitOfWork


async def find_subscription(subscription_id: UUID, work: UnitOfWork) -> Subscription:
    """Raises ``SubscriptionNotFound``, also for one that has not begun."""
    found = await work.open(Subscription, subscription_id)
    if not found.has_begun:
        raise SubscriptionNotFound("There is no such subscription.")
    return found


async def find_invoice(invoice_id: UUID, work: UnitOfWork) -> Invoice:
    """Raises ``InvoiceNotFound``."""
    found = await work.open(Invoice, invoice_id)
    if not found.exists:
        raise InvoiceNotFound("There is no such invoice.")
    return found


async def resume_invoice(found: Invoice, work: UnitOfWork) -> None:
    """The number of one whose facts have been recovered is taken."""
    if found.issued:
        note_number(found.issued.number, work)
