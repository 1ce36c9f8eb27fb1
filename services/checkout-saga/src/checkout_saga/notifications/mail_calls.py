"""Sends the notifications that are due, and records what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from checkout_saga.customers.vault import Vault
from checkout_saga.notifications.domain.channels import channels_id
from checkout_saga.notifications.domain.kinds import ERASED, NO_CHANNEL
from checkout_saga.notifications.domain.notification import EMAIL
from checkout_saga.notifications.domain.retries import Progress
from checkout_saga.notifications.use_cases import sending
from checkout_saga.notifications.use_cases.requesting import SEND_NOTIFICATION
from checkout_saga.notifications.use_cases.sending import Mail
from checkout_saga.notifications.writing import Links, write_mail, write_post
from kernel.faults import failpoints
from kernel.mail.channels import Channel, Mailer, NotTaken, OutcomeUnknown, Transfer
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore


class MailCalls:
    """At most one message is visible for a notification, whenever a process dies: the transfer begins only
    after ``notification.sending`` is stored, and is not begun again unless the server has refused it."""

    def __init__(
        self,
        store: EventStore,
        vault: Vault,
        mailer: Mailer | None,
        links: Links,
        slack: Channel | None = None,
    ) -> None:
        """``mailer``: None if no server is configured."""
        self._store = store
        self._vault = vault
        self._mailer = mailer
        self._slack = slack
        self._links = links

    def callers(self) -> Mapping[str, Caller]:
        return {SEND_NOTIFICATION: self._send}

    async def _send(self, timer: DueTimer) -> CallResult | None:
        progress = Progress(**timer.payload)
        mail = await self._store.run(
            timer.context, partial(sending.take_up, timer.subject, progress), timer.lease
        )
        if mail is None:
            return None
        progress = replace(progress, left_out=mail.left_out)
        channel = self._mailer if mail.channel == EMAIL else self._slack
        if channel is None:
            await self._skip(timer, NO_CHANNEL)
            return None
        recipient = await self._recipient(mail, timer.context.tenant)
        if recipient is None:
            await self._skip(timer, ERASED)
            return None
        message = await self._write(mail, timer.context.tenant, recipient)
        in_transfer = False
        try:
            async with channel.begin(recipient["email"]) as transfer:
                if not await self._begin(timer, progress):
                    return None
                in_transfer = True
                return await self._transfer(timer, transfer, message)
        except NotTaken as error:
            return await self._not_taken(timer, progress.after_refusal(in_transfer=in_transfer), error)

    async def _begin(self, timer: DueTimer, progress: Progress) -> bool:
        failpoints.active and await failpoints.hit("mail.before_sending")
        act = partial(sending.begin_sending, timer.subject, progress)
        return await self._store.run(timer.context, act, timer.lease)

    async def _transfer(self, timer: DueTimer, transfer: Transfer, message: bytes) -> CallResult:
        try:
            await transfer.deliver(message)
        except OutcomeUnknown:
            await self._store.run(timer.context, partial(sending.record_unknown, timer.subject), timer.lease)
            return CallResult.UNKNOWN
        await self._store.run(timer.context, partial(sending.record_sent, timer.subject), timer.lease)
        return CallResult.DONE

    async def _not_taken(self, timer: DueTimer, progress: Progress, error: NotTaken) -> CallResult:
        if error.for_good:
            act = partial(sending.record_rejected, timer.subject, error.reply)
            await self._store.run(timer.context, act, timer.lease)
            return CallResult.DECLINED
        later = partial(sending.try_later, timer.subject, progress, error.reply, at_least=error.pause)
        await self._store.run(timer.context, later, timer.lease)
        return CallResult.TIMEOUT if error.timed_out else CallResult.UNKNOWN

    async def _skip(self, timer: DueTimer, reason: str) -> None:
        act = partial(sending.record_skipped, timer.subject, reason)
        await self._store.run(timer.context, act, timer.lease)

    async def _recipient(self, mail: Mail, tenant: str) -> Mapping[str, Any] | None:
        """``email``, which for a channel of the shop is its address, and what is known of a person. None: it
        cannot be read any more."""
        if not mail.customer_id:
            return await self._vault.personal.decrypt(tenant, channels_id(tenant), mail.sealed)
        opened = await self._vault.open(tenant, mail.customer_id, mail.sealed)
        # the record of a customer holds more than the person
        return opened and opened.get("customer", opened)

    async def _write(self, mail: Mail, tenant: str, recipient: Mapping[str, Any]) -> bytes:
        sealed = mail.shown.sealed and await self._vault.open(tenant, mail.customer_id, mail.shown.sealed)
        if mail.channel == EMAIL and self._mailer:
            return write_mail(mail, tenant, recipient, sealed or {}, self._mailer.sender, self._links)
        return write_post(mail, tenant, recipient, self._links)
