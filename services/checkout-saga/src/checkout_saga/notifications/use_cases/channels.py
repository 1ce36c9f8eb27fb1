"""Read and change the channels of a shop."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_saga.notifications.domain.channels import NotificationChannels, channels_id
from contracts.notification_channels import Channel
from kernel.unit_of_work import UnitOfWork


async def find_channels(work: UnitOfWork) -> NotificationChannels:
    """None if they have not been set."""
    return await work.open(NotificationChannels, channels_id(work.context.tenant))


async def change_channels(channels: Sequence[Channel], work: UnitOfWork) -> NotificationChannels:
    """A target that is known keeps its encrypted text: the same target is encrypted differently each time."""
    current = await find_channels(work)
    known = current.by_id
    current.change(
        [
            it.model_copy(update={"target": known[it.channel_id].target}) if it.channel_id in known else it
            for it in channels
        ]
    )
    return current
