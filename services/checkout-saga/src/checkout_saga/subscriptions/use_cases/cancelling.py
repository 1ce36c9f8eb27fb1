"""End subscriptions: at the end of their period, now, or with their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from checkout_saga.subscriptions.domain.subscription import Subscription, subscription_id_of
from checkout_saga.subscriptions.use_cases.reading import find_subscription
from kernel.unit_of_work import UnitOfWork

END_SUBSCRIPTION = "end_subscription"
"""The kind of the timer that ends a subscription as scheduled; its subject is the subscription."""


async def cancel(subscription_id: UUID, reason: str | None, work: UnitOfWork, *, now: bool) -> Subscription:
    """Raises ``SubscriptionNotFound`` and ``SubscriptionNotActive``."""
    found = await find_subscription(subscription_id, work)
    with _timer_of(found, work):
        if now:
            found.cancel_now(reason, work.now)
        else:
            found.cancel_at_period_end(reason, work.now)
    return found


async def resume(subscription_id: UUID, work: UnitOfWork) -> Subscription:
    """Withdraw a scheduled end. Raises ``SubscriptionNotFound`` and ``SubscriptionNotActive``."""
    found = await find_subscription(subscription_id, work)
    with _timer_of(found, work):
        found.withdraw_cancellation(work.now)
    return found


async def end_as_scheduled(subscription_id: UUID, work: UnitOfWork) -> None:
    (await work.open(Subscription, subscription_id)).end_as_scheduled(work.now)


async def cancel_with_order(order_id: UUID, line_id: str, work: UnitOfWork) -> None:
    found = await work.open(Subscription, subscription_id_of(order_id, line_id))
    with _timer_of(found, work):
        found.cancel_with_order(work.now)


async def cancel_with_customer(lines: Iterable[tuple[UUID, str]], work: UnitOfWork) -> None:
    """The customer is erased. ``lines``: those that have sold subscriptions, by order and line."""
    ids = [subscription_id_of(order_id, line_id) for order_id, line_id in lines]
    for found in (await work.open_many(Subscription, ids)).values():
        with _timer_of(found, work):
            found.cancel_with_customer(work.now)


async def resume_subscription(found: Subscription, work: UnitOfWork) -> None:
    """The timer of one whose facts have been recovered."""
    if found.cancel_at is not None:
        work.set_timer(END_SUBSCRIPTION, found.id, found.cancel_at)


@contextmanager
def _timer_of(found: Subscription, work: UnitOfWork) -> Iterator[None]:
    """After the change in the block, the timer is due when the subscription ends."""
    was_scheduled = found.cancel_at is not None
    yield
    if found.cancel_at is not None:
        work.set_timer(END_SUBSCRIPTION, found.id, found.cancel_at)
    elif was_scheduled:
        work.cancel_timer(END_SUBSCRIPTION, found.id)
