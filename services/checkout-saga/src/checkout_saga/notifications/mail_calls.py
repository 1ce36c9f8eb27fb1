"""Sends the notifications that are due, and records what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from checkout_saga.customers.vault import Vault
from checkout_saga.notifications import cart_recovery
from checkout_saga.notifications.cart_recovery import Links
from checkout_saga.notifications.domain.kinds import ERASED, NO_CHANNEL
from checkout_saga.notifications.domain.retries import Progress
from checkout_saga.notifications.ports import Mailer, NotTaken, OutcomeUnknown, Transfer
from checkout_saga.notifications.rendering import write
from checkout_saga.notifications.use_cases import sending
from checkout_saga.notifications.use_cases.requesting import SEND_NOTIFICATION
from checkout_saga.notifications.use_cases.sending import Mail
from kernel.faults import failpoints
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore


class MailCalls:
    """At most one message is visible for a notification, whenever a process dies: the transfer begins only
    after ``notification.sending`` is stored, and is not begun again unless the server has refused it."""

    def __init__(self, store: EventStore, vault: Vault, mailer: Mailer | None, links: Links) -> None:
        """``mailer``: None if no server is configured."""
        self._store = store
        self._vault = vault
        self._mailer = mailer
        self._links = links

    def callers(self) -> Mapping[str, Caller]:
        return {SEND_NOTIFICATION: self._send}

    async def _send(self, timer: DueTimer) -> CallResult | None:
        progress = Progress(int(timer.payload.get("tries", 0)), int(timer.payload.get("answered", 0)))
        mail = await self._store.run(
            timer.context, partial(sending.take_up, timer.subject, progress), timer.lease
        )
        if mail is None:
            return None
        if self._mailer is None:
            await self._skip(timer, NO_CHANNEL)
            return None
        person = await self._vault.open(timer.context.tenant, mail.customer_id, mail.contact)
        if person is None:
            await self._skip(timer, ERASED)
            return None
        message = self._write(mail, timer.context.tenant, person, self._mailer.sender)
        in_transfer = False
        try:
            async with self._mailer.offer(person["email"]) as transfer:
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
        later = partial(sending.try_later, timer.subject, progress, error.reply)
        await self._store.run(timer.context, later, timer.lease)
        return CallResult.TIMEOUT if error.timed_out else CallResult.UNKNOWN

    async def _skip(self, timer: DueTimer, reason: str) -> None:
        act = partial(sending.record_skipped, timer.subject, reason)
        await self._store.run(timer.context, act, timer.lease)

    def _write(self, mail: Mail, tenant: str, person: Mapping[str, Any], sender: str) -> bytes:
        content = CONTENTS[mail.kind](mail, tenant, person, self._links)
        return write(
            mail.notification_id, mail.kind, mail.locale, sender, person["email"], content, mail.now
        ).as_bytes()


CONTENTS = {"cart_recovery": cart_recovery.content}
"""What a message shows, by the notification's kind."""
