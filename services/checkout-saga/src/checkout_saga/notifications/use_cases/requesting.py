"""Request the messages that facts of carts call for, and skip those that they overtake."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from checkout_saga.notifications.domain.kinds import CART_RECOVERY, NO_CHANNEL, OVERTAKEN, reason_to_skip
from checkout_saga.notifications.domain.notification import EMAIL, Notification, notification_id_of
from checkout_saga.notifications.use_cases.listing import list_notification
from contracts import cart
from contracts.notification import AbandonedCart
from kernel.unit_of_work import UnitOfWork

SEND_NOTIFICATION = "send_notification"
"""The kind of the timer of a notification; its subject is the notification's id."""
RECOVERY_OF_CART = "recovery_of_cart"
"""Kind of the unique key by which a cart's pending message is found; the value is the cart's id."""


def recovery_id(due: cart.RecoveryDue) -> UUID:
    return notification_id_of(
        due.originator_id, due.originator_version, CART_RECOVERY, f"{EMAIL}/{due.customer_id}"
    )


# failpoint: none needed (intent)
async def request_recovery(
    due: cart.RecoveryDue, pending: UUID | None, work: UnitOfWork, *, has_channel: bool
) -> UUID | None:
    """``pending``: the cart's message that has not been sent yet, which this one overtakes. Returns the one
    that is pending now."""
    notification = await work.open(Notification, recovery_id(due))
    if notification.exists:
        return pending
    await skip_overtaken(due.originator_id, pending, work)
    customer = await work.open(Customer, customer_stream_id(work.context.tenant, due.customer_id))
    notification.request(
        CART_RECOVERY,
        due.originator_id,
        due.customer_id,
        customer.contact.locale if customer.contact else None,
        AbandonedCart(
            cart_id=due.originator_id,
            attempt=due.attempt,
            currency=due.currency,
            totals=due.totals,
            lines=due.lines,
            expires_at=due.expires_at,
        ),
    )
    list_notification(notification, work)
    reason = reason_to_skip(notification, customer, work.now) if has_channel else NO_CHANNEL
    if reason:
        notification.skip(reason)
        return None
    work.claim_key(RECOVERY_OF_CART, str(due.originator_id), notification.id)
    work.set_timer(SEND_NOTIFICATION, notification.id, work.now)
    return notification.id


# failpoint: none needed (intent)
async def skip_overtaken(cart_id: UUID, pending: UUID | None, work: UnitOfWork) -> None:
    """The cart is no longer abandoned, or its next message is due. One that is being transferred goes on."""
    if pending is None:
        return
    notification = await work.open(Notification, pending)
    notification.skip(OVERTAKEN)
    work.release_key(RECOVERY_OF_CART, str(cart_id))
    if not notification.is_pending:
        work.cancel_timer(SEND_NOTIFICATION, pending)


def carts_of(facts: Iterable[cart.RecoveryDue | cart.Recovered | cart.Merged]) -> list[str]:
    """The values of the keys by which the pending messages of these carts are found."""
    return list(dict.fromkeys(str(it.originator_id) for it in facts))
