"""The routes of a shop's channels."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from checkout_saga.customers.domain.errors import InvalidEmail
from checkout_saga.customers.domain.mailbox import mailbox_of
from checkout_saga.customers.vault import Vault
from checkout_saga.notifications.domain.channels import channels_id
from checkout_saga.notifications.domain.notification import EMAIL
from checkout_saga.notifications.schemas.channels import (
    ChannelBody,
    ChannelsBody,
    ChannelsView,
    show_channels,
)
from checkout_saga.notifications.slack import is_hook
from checkout_saga.notifications.use_cases.channels import change_channels, find_channels
from contracts.notification_channels import Channel
from contracts.roles import ADMINS
from kernel.http.dependencies import Read, Write
from kernel.http.problems import invalid
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Handlers:
    vault: Vault
    slack_url: str
    test_environment: bool

    async def change_notification_channels(self, body: ChannelsBody, write: Write) -> Response:
        """Replace all channels. Their targets are kept encrypted, and never shown."""
        tenant = write.context.tenant
        targets = [self._checked(number, it) for number, it in enumerate(body.channels)]
        personal = self.vault.personal
        key = await personal.key_for(tenant, channels_id(tenant))
        channels = [
            Channel(
                channel_id=self.vault.fingerprint(tenant, "channel", f"{it.kind} {target}"),
                kind=it.kind,
                target=personal.encrypt(key, {"email": target}),
                kinds=tuple(sorted(set(it.kinds))),
                min_interval_seconds=it.min_interval_seconds,
            )
            for it, target in zip(body.channels, targets, strict=True)
        ]

        async def act(work: UnitOfWork) -> Result:
            write.check(await find_channels(work))
            changed = await change_channels(channels, work)
            return Result(show_channels(changed, work.now), changed.version)

        return await write.run(act)

    async def get_notification_channels(self, read: Read) -> Response:
        """The channels by which the shop learns what needs its attention, without their targets."""

        async def act(work: UnitOfWork) -> Result:
            channels = await find_channels(work)
            return Result(show_channels(channels, work.now), channels.version)

        return await read.run(act)

    def _checked(self, number: int, channel: ChannelBody) -> str:
        """Raises ``InvalidEmail`` and ``Problem``."""
        if channel.kind == EMAIL:
            field = ("channels", number, "target")
            return mailbox_of(channel.target, test_environment=self.test_environment, field=field).address
        if not is_hook(channel.target, self.slack_url):
            raise invalid(f"A webhook of Slack begins with {self.slack_url}/.", f"/channels/{number}/target")
        return channel.target


def table(vault: Vault, slack_url: str, *, test_environment: bool) -> RouteTable:
    do = _Handlers(vault, slack_url, test_environment)
    path = "/v1/notification-channels"
    return RouteTable(
        "notification channels",
        (
            Route("GET", path, do.get_notification_channels, ADMINS, ChannelsView),
            Route("PUT", path, do.change_notification_channels, ADMINS, ChannelsView, (InvalidEmail,)),
        ),
    )
