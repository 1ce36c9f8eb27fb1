"""Find messages, and send one again because an operator wants it."""

from __future__ import annotations

from uuid import UUID

from checkout_saga.notifications.domain.errors import NotificationNotFound
from checkout_saga.notifications.domain.notification import Notification, Status
from checkout_saga.notifications.use_cases.listing import update_attention_list
from checkout_saga.notifications.use_cases.requesting import SEND_NOTIFICATION
from kernel.unit_of_work import UnitOfWork


async def find_notification(notification_id: UUID, work: UnitOfWork) -> Notification:
    """Raises ``NotificationNotFound``."""
    found = await work.open(Notification, notification_id)
    if not found.exists:
        raise NotificationNotFound("There is no such notification.")
    return found


# failpoint: none needed (intent)
async def resend(notification_id: UUID, work: UnitOfWork) -> Notification:
    """One that waits for its next try is tried at once; one that is being transferred is left alone. Raises
    ``NotificationNotFound``."""
    found = await find_notification(notification_id, work)
    unknown_since = found.unknown_since
    found.request_again(work.context.actor)
    update_attention_list(found, unknown_since, work)
    if found.status is Status.REQUESTED:
        work.set_timer(SEND_NOTIFICATION, found.id, work.now)
    return found
