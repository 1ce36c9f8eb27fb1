"""Start the subscriptions that orders have sold, with the invoice that the order has paid."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from billing.invoices.identity import period_invoice_id
from checkout_saga.subscriptions.domain.invoice import Invoice
from checkout_saga.subscriptions.domain.plan import Refusal, refusal_of
from checkout_saga.subscriptions.domain.sold import Sold
from checkout_saga.subscriptions.domain.subscription import (
    Subscription,
    SubscriptionStatus,
    subscription_id_of,
)
from checkout_saga.subscriptions.use_cases.document_numbers import next_invoice_number
from checkout_saga.subscriptions.use_cases.plan_copy import find_plan
from kernel.domain import Aggregate
from kernel.unit_of_work import UnitOfWork

TIME_ZONE = "UTC"
"""Of every subscription: neither orders nor tenants have one yet."""


def streams_of(order_id: UUID, line_id: str, plan_id: str | None) -> Iterator[tuple[type[Aggregate], UUID]]:
    """What a start opens; none of it exists before."""
    subscription_id = subscription_id_of(order_id, line_id)
    yield Subscription, subscription_id
    if plan_id:
        yield Invoice, period_invoice_id(subscription_id, 1)


async def start_sold(sold: Sold, work: UnitOfWork) -> Subscription | Refusal:
    """Once: the same again for one that has begun. Without a plan it is active, and has no periods."""
    found = await work.open(Subscription, subscription_id_of(sold.order_id, sold.line_id))
    if found.status not in {SubscriptionStatus.NONE, SubscriptionStatus.REQUESTED}:
        return found
    found.request(sold)
    if sold.plan_id:
        plan = await find_plan(sold.plan_id, work)
        refusal = refusal_of(plan, sold.price.currency)
        if plan is None or refusal:
            found.refuse(refusal := refusal or Refusal.PLAN_NOT_FOUND)
            return refusal
        period = found.start(plan, sold.price.currency, TIME_ZONE, work.now)
        invoice = await work.open(Invoice, period_invoice_id(found.id, period.number))
        invoice.issue_for_order(next_invoice_number(work), found.id, plan.plan_id, period, sold)
    found.activate()
    return found
