"""End subscriptions: at the end of their period, now, or with their order."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from checkout_saga.subscriptions.domain.subscription import Subscription, subscription_id_of
from checkout_saga.subscriptions.use_cases.reading import find_subscription
from kernel.unit_of_work import UnitOfWork

END_SUBSCRIPTION = "end_subscription"
"""The kind of the timer that ends a subscription as scheduled; its subject is the subscription."""


async def cancel(subscription_id: UUID, reason: str | None, work: UnitOfWork, *, now: bool) -> Subscription:
    """Raises ``SubscriptionNotFound`` and ``SubscriptionNotActive``."""
    found = await find_subscription(subscription_id, work)
    was_scheduled = found.cancel_at is not None
    if now:
        found.cancel_now(reason, work.now)
    else:
        found.cancel_at_period_end(reason, work.now)
    _set_timer(found, work, was_scheduled=was_scheduled)
    return found


async def resume(subscription_id: UUID, work: UnitOfWork) -> Subscription:
    """Withdraw a scheduled end. Raises ``SubscriptionNotFound`` and ``SubscriptionNotActive``."""
    found = await find_subscription(subscription_id, work)
    was_scheduled = found.cancel_at is not None
    found.withdraw_cancellation(work.now)
    _set_timer(found, work, was_scheduled=was_scheduled)
    return found


async def end_as_scheduled(subscription_id: UUID, work: UnitOfWork) -> None:
    (await work.open(Subscription, subscription_id)).end_as_scheduled(work.now)


async def cancel_with_order(order_id: UUID, line_id: str, work: UnitOfWork) -> None:
    found = await work.open(Subscription, subscription_id_of(order_id, line_id))
    was_scheduled = found.cancel_at is not None
    found.cancel_with_order(work.now)
    _set_timer(found, work, was_scheduled=was_scheduled)


async def cancel_with_customer(lines: Iterable[tuple[UUID, str]], work: UnitOfWork) -> None:
    """The customer is erased. ``lines``: those that have sold subscriptions, by order and line."""
    ids = [subscription_id_of(order_id, line_id) for order_id, line_id in lines]
    for found in (await work.open_many(Subscription, ids)).values():
        was_scheduled = found.cancel_at is not None
        found.cancel_with_customer(work.now)
        _set_timer(found, work, was_scheduled=was_scheduled)


async def resume_subscription(found: Subscription, work: UnitOfWork) -> None:
    """The timer of one whose facts have been recovered."""
    _set_timer(found, work, was_scheduled=False)


def _set_timer(found: Subscription, work: UnitOfWork, *, was_scheduled: bool) -> None:
    if found.cancel_at is not None:
        work.set_timer(END_SUBSCRIPTION, found.id, found.cancel_at)
    elif was_scheduled:
        work.cancel_timer(END_SUBSCRIPTION, found.id)
