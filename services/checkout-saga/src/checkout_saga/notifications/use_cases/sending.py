"""Send a message in two steps: record that its transfer begins, transfer it, and record how that ended."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from checkout_saga.notifications.domain.channels import NotificationChannels, channels_id
from checkout_saga.notifications.domain.kinds import (
    NO_CHANNEL,
    NO_PAGE,
    OVERTAKEN,
    TOO_MANY,
    reason_to_skip,
)
from checkout_saga.notifications.domain.notification import Notification, Status
from checkout_saga.notifications.domain.retries import Progress
from checkout_saga.notifications.use_cases.listing import list_notification, update_attention_list
from checkout_saga.notifications.use_cases.requesting import RECOVERY_OF_CART, SEND_NOTIFICATION
from checkout_saga.notifications.use_cases.showing import SHOWN, Shown, shown_to_shop
from checkout_saga.notifications.use_cases.turns import may_invite, place_of
from checkout_saga.shop_settings.domain import ShopSettings
from checkout_saga.shop_settings.use_cases import find_settings
from contracts.notification import AbandonedCart
from kernel.unit_of_work import UnitOfWork

REJECTED, GAVE_UP = "rejected", "gave_up"
"""Codes of ``notification.failed``."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that may be sent now."""

    notification_id: UUID
    kind: str
    channel: str
    customer_id: str
    """Under whose key ``sealed`` is encrypted; empty: under that of the tenant's channels."""
    sealed: str
    """To whom it goes: an address, and of a person also the name."""
    locale: str | None
    """The recipient's; None: see the record of the person, or else ``shop_locale``."""
    shop: ShopSettings
    cart: AbandonedCart | None
    now: datetime
    shown: Shown = field(default_factory=Shown)
    left_out: int = 0
    """How many messages like it were left out before it."""


async def take_up(notification_id: UUID, progress: Progress, work: UnitOfWork) -> Mail | None:
    """The message to send; None if there is none any more: then its timer is cancelled."""
    notification = await work.open(Notification, notification_id)
    if notification.is_doubtful(progress.answered):
        # a process died, or is late, between the transfer and its record
        _mark_unknown(notification, work)
    if not notification.is_pending:
        await _end(notification, work)
        return None
    if notification.status is Status.SENDING and not await _is_awaited(notification, work):
        await _stop(notification, OVERTAKEN, work)
        return None
    if notification.channel_id:
        return await _to_shop(notification, notification.channel_id, progress, work)
    return await _to_person(notification, progress, work)


async def _to_person(notification: Notification, progress: Progress, work: UnitOfWork) -> Mail | None:
    stream = customer_stream_id(work.context.tenant, notification.customer_id)
    customer = await work.open(Customer, stream)
    if reason := reason_to_skip(notification, customer, work.now):
        await _stop(notification, reason, work)
        return None
    shop = (await find_settings(work)).current
    shown = await _shown(notification, progress, shop, work)
    if isinstance(shown, str):
        await _stop(notification, shown, work)
        return None
    contact = customer.contact
    return Mail(
        notification.id,
        notification.kind,
        notification.channel,
        notification.customer_id,
        shown.seat.personal if shown.seat else _address(notification, customer),
        contact.locale if contact and not shown.seat else None,
        shop,
        notification.cart,
        work.now,
        shown,
    )


async def _shown(
    notification: Notification, progress: Progress, shop: ShopSettings, work: UnitOfWork
) -> Shown | str:
    """What it shows, or the reason why it is not sent. An invitation is counted at its first try."""
    if notification.cart:
        return Shown()
    shown = await SHOWN[notification.kind](notification, work)
    if isinstance(shown, str) or shown.seat is None:
        return shown
    if not shop.storefront_url:
        return NO_PAGE
    if progress.tries == 0 and not await may_invite(notification, shown.seat.address, work):
        return TOO_MANY
    return shown


def _address(notification: Notification, customer: Customer) -> str:
    """Messages about carts go where the customer wants them; others to the address of the purchases, if there
    was one."""
    if customer.contact and (notification.cart or not customer.personal):
        return customer.contact.personal
    return customer.personal


async def _to_shop(
    notification: Notification, channel_id: UUID, progress: Progress, work: UnitOfWork
) -> Mail | None:
    channels = await work.open(NotificationChannels, channels_id(work.context.tenant))
    channel = channels.by_id.get(channel_id)
    if channel is None or notification.kind not in channel.kinds:
        await _stop(notification, NO_CHANNEL, work)
        return None
    left_out = progress.left_out
    if progress.tries == 0 and not notification.is_repeated:
        alike = await place_of(notification, timedelta(seconds=channel.min_interval_seconds), work)
        if alike and alike.leader != notification.id:
            notification.leave_out(alike.left_out, alike.leader)
            await _end(notification, work)
            return None
        left_out = alike.left_out if alike else 0
    return Mail(
        notification.id,
        notification.kind,
        notification.channel,
        "",
        channel.target,
        None,
        (await find_settings(work)).current,
        None,
        work.now,
        shown_to_shop(notification),
        left_out,
    )


async def begin_sending(notification_id: UUID, progress: Progress, work: UnitOfWork) -> bool:
    """Whether this process may transfer the message now; it must not if this was not recorded."""
    notification = await work.open(Notification, notification_id)
    return notification.begin_sending(progress.answered, progress.left_out)


async def record_sent(notification_id: UUID, work: UnitOfWork) -> None:
    notification = await work.open(Notification, notification_id)
    unknown_since = notification.unknown_since
    notification.mark_sent()
    update_attention_list(notification, unknown_since, work)
    await _end(notification, work)


async def record_unknown(notification_id: UUID, work: UnitOfWork) -> None:
    notification = await work.open(Notification, notification_id)
    _mark_unknown(notification, work)
    await _end(notification, work)


async def record_skipped(notification_id: UUID, reason: str, work: UnitOfWork) -> None:
    await _stop(await work.open(Notification, notification_id), reason, work)


async def record_rejected(notification_id: UUID, reply: int | None, work: UnitOfWork) -> None:
    notification = await work.open(Notification, notification_id)
    notification.fail(REJECTED, reply)
    await _end(notification, work)


# failpoint: none needed (intent)
async def try_later(
    notification_id: UUID,
    progress: Progress,
    reply: int | None,
    work: UnitOfWork,
    *,
    at_least: timedelta = timedelta(0),
) -> None:
    """Nothing was visible. ``progress`` includes the try that has just failed. ``at_least``: how long the
    server wants to be left alone."""
    notification = await work.open(Notification, notification_id)
    if not notification.is_pending:
        return
    if progress.pause is None:
        notification.fail(GAVE_UP, reply)
        await _end(notification, work)
    else:
        due_at = work.now + max(progress.pause, at_least)
        work.set_timer(SEND_NOTIFICATION, notification_id, due_at, asdict(progress))


def _mark_unknown(notification: Notification, work: UnitOfWork) -> None:
    unknown_since = notification.unknown_since
    notification.mark_unknown()
    update_attention_list(notification, unknown_since, work)


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
    """What it holds beside its facts, made again after its facts have been recovered. One whose transfer had
    begun becomes unknown: whether the server has taken it is not in the facts."""
    list_notification(notification, work)
    update_attention_list(notification, None, work)
    if not notification.is_pending:
        return
    work.set_timer(SEND_NOTIFICATION, notification.id, work.now)
    if notification.cart:
        work.claim_key(RECOVERY_OF_CART, str(notification.cart.cart_id), notification.id)
