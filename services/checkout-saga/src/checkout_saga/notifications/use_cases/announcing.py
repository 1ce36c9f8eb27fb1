"""Request the messages that facts call for, in the unit of work that records them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from checkout_saga.notifications.domain.channels import NotificationChannels, channels_id
from checkout_saga.notifications.domain.kinds import CustomerKind, ShopKind
from checkout_saga.notifications.domain.notification import EMAIL, Notification, Occasion, notification_id_of
from checkout_saga.notifications.use_cases.causes import CAUSES_BY_TYPE
from checkout_saga.notifications.use_cases.listing import list_notification
from checkout_saga.notifications.use_cases.requesting import SEND_NOTIFICATION
from contracts import reward
from contracts.envelope import Fact
from kernel.domain import Aggregate
from kernel.store.reactions import Reaction
from kernel.unit_of_work import UnitOfWork


class Recipient(NamedTuple):
    channel: str
    name: str
    """A customer's id, or a channel's."""
    channel_id: UUID | None = None


class Announcer:
    """What a message is about is in the fact and its aggregate: but for the shop's channels nothing is read.

    ``has_mail``: without a mail server no mail is requested.
    """

    def __init__(self, *, has_mail: bool) -> None:
        self._has_mail = has_mail

    def reactions(self) -> Mapping[str, Reaction]:
        return dict.fromkeys(CAUSES_BY_TYPE, self.react)

    async def react(self, fact: Fact, aggregate: Aggregate, work: UnitOfWork) -> None:
        for cause in CAUSES_BY_TYPE[fact.TYPE]:
            if occasion := cause.occasion(fact, aggregate):
                for to in await self._recipients(cause.kind, occasion, work):
                    notification = work.create(Notification, _id_of(fact, cause.kind, to))
                    notification.request_about(
                        cause.kind, fact.originator_id, occasion, to.channel, to.channel_id
                    )
                    _begin(notification, work)

    async def _recipients(
        self, kind: CustomerKind | ShopKind, occasion: Occasion, work: UnitOfWork
    ) -> Sequence[Recipient]:
        if isinstance(kind, CustomerKind):
            return [Recipient(EMAIL, str(occasion.customer_id))] if self._has_mail else []
        channels = await work.open(NotificationChannels, channels_id(work.context.tenant))
        return [
            Recipient(it.kind, str(it.channel_id), it.channel_id)
            for it in channels.wanting(kind)
            if it.kind != EMAIL or self._has_mail
        ]


async def request_reward(fact: reward.Confirmed, work: UnitOfWork) -> None:
    """The fact is another service's, and may be read twice."""
    kind, to = CustomerKind.REWARD_GRANTED, Recipient(EMAIL, fact.referrer_id)
    notification = await work.open(Notification, _id_of(fact, kind, to))
    if not notification.exists:
        details = {"amount": fact.amount, "currency": fact.currency}
        notification.request_about(kind, fact.originator_id, Occasion(fact.referrer_id, details=details))
        _begin(notification, work)


def _id_of(fact: Fact, kind: str, to: Recipient) -> UUID:
    return notification_id_of(fact.originator_id, fact.originator_version, kind, f"{to.channel}/{to.name}")


# failpoint: none needed (intent)
def _begin(notification: Notification, work: UnitOfWork) -> None:
    work.set_timer(SEND_NOTIFICATION, notification.id, work.now)
    list_notification(notification, work)
