"""Send a message in two steps: record that its transfer begins, transfer it, and record how that ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from checkout_saga.notifications.domain.kinds import OVERTAKEN, reason_to_skip
from checkout_saga.notifications.domain.notification import Notification, Status
from checkout_saga.notifications.domain.retries import Progress
from checkout_saga.notifications.use_cases.requesting import RECOVERY_OF_CART, SEND_NOTIFICATION
from contracts.notification import AbandonedCart
from kernel.unit_of_work import UnitOfWork

REJECTED, GAVE_UP = "rejected", "gave_up"
"""Codes of ``notification.failed``."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that may be sent now."""

    notification_id: UUID
    kind: str
    customer_id: str
    contact: str
    """The address and the name, encrypted."""
    locale: str | None
    cart: AbandonedCart | None
    now: datetime

    @property
    def required_cart(self) -> AbandonedCart:
        """Raises ``RuntimeError`` for a kind that is not about a cart."""
        if self.cart is None:
            raise RuntimeError(f"a message of kind {self.kind} is about no cart")
        return self.cart


async def take_up(notification_id: UUID, progress: Progress, work: UnitOfWork) -> Mail | None:
    """The message to send; None if there is none any more: then its timer is cancelled."""
    notification = await work.open(Notification, notification_id)
    if notification.is_doubtful(progress.answered):
        notification.mark_unknown()  # a process died, or is late, between the transfer and its record
    if not notification.is_pending:
        await _end(notification, work)
        return None
    if notification.status is Status.SENDING and not await _is_awaited(notification, work):
        await _stop(notification, OVERTAKEN, work)
        return None
    stream = customer_stream_id(work.context.tenant, notification.customer_id)
    customer = await work.open(Customer, stream)
    if reason := reason_to_skip(notification, customer, work.now):
        await _stop(notification, reason, work)
        return None
    if customer.contact is None:
        raise RuntimeError("a message without an address is skipped")
    return Mail(
        notification.id,
        notification.kind,
        notification.customer_id,
        customer.contact.personal,
        customer.contact.locale,
        notification.cart,
        work.now,
    )


async def begin_sending(notification_id: UUID, progress: Progress, work: UnitOfWork) -> bool:
    """Whether this process may transfer the message now; it must not if this was not recorded."""
    notification = await work.open(Notification, notification_id)
    return notification.begin_sending(progress.answered)


async def record_sent(notification_id: UUID, work: UnitOfWork) -> None:
    notification = await work.open(Notification, notification_id)
    notification.mark_sent()
    await _end(notification, work)


async def record_unknown(notification_id: UUID, work: UnitOfWork) -> None:
    notification = await work.open(Notification, notification_id)
    notification.mark_unknown()
    await _end(notification, work)


async def record_skipped(notification_id: UUID, reason: str, work: UnitOfWork) -> None:
    await _stop(await work.open(Notification, notification_id), reason, work)


async def record_rejected(notification_id: UUID, reply: int | None, work: UnitOfWork) -> None:
    notification = await work.open(Notification, notification_id)
    notification.fail(REJECTED, reply)
    await _end(notification, work)


# failpoint: none needed (intent)
async def try_later(notification_id: UUID, progress: Progress, reply: int | None, work: UnitOfWork) -> None:
    """Nothing was visible. ``progress`` includes the try that has just failed."""
    notification = await work.open(Notification, notification_id)
    if not notification.is_pending:
        return
    if progress.pause is None:
        notification.fail(GAVE_UP, reply)
        await _end(notification, work)
    else:
        payload = {"tries": progress.tries, "answered": progress.answered}
        work.set_timer(SEND_NOTIFICATION, notification_id, work.now + progress.pause, payload)


async def _stop(notification: Notification, reason: str, work: UnitOfWork) -> None:
    """Skip it, unless its transfer was tried: then it has failed."""
    notification.skip(reason)
    notification.fail(GAVE_UP, None)
    await _end(notification, work)


# failpoint: none needed (intent)
async def _end(notification: Notification, work: UnitOfWork) -> None:
    work.cancel_timer(SEND_NOTIFICATION, notification.id)
    if notification.cart is None:
        return
    if await _is_awaited(notification, work):
        work.release_key(RECOVERY_OF_CART, str(notification.cart.cart_id))


async def _is_awaited(notification: Notification, work: UnitOfWork) -> bool:
    """Whether it has not been overtaken, as far as it can be."""
    if notification.cart is None:
        return True
    owner = await work.owner_of_key(RECOVERY_OF_CART, str(notification.cart.cart_id))
    return owner == notification.id


# failpoint: none needed (intent)
async def resume_notification(notification: Notification, work: UnitOfWork) -> None:
    """What a pending one holds beside its facts, made again after its facts have been recovered. One whose
    transfer had begun becomes unknown: whether the server has taken it is not in the facts."""
    if not notification.is_pending:
        return
    work.set_timer(SEND_NOTIFICATION, notification.id, work.now)
    if notification.cart:
        work.claim_key(RECOVERY_OF_CART, str(notification.cart.cart_id), notification.id)
