"""Keeps an event and wakes the look at its payment, in one save.

The save waits for no provider: the look is an outbound call of its own, which a timer makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog

from checkout_saga.webhooks.domain.event import Event, Unreadable
from checkout_saga.webhooks.domain.formats import READERS
from checkout_saga.webhooks.metrics import RECEIVED
from checkout_saga.webhooks.ports import WebhookAccount
from checkout_saga.webhooks.received import Received, State, keep
from checkout_saga.webhooks.refusals import forget_refusals
from kernel.context import Context
from kernel.store.conflict_retry import retry_on_conflict
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

LOG = structlog.get_logger()

Notify = Callable[[str, Event, UnitOfWork], Awaitable[bool]]
"""Record the event of the named provider on its payment and set the timer of the look. False: no payment is
known by it."""
MAX_TEXT = 255
"""Longer ids and types are cut, so that a sender cannot fill the table."""


class Receiving:
    def __init__(self, store: EventStore, notify: Notify) -> None:
        self._store = store
        self._notify = notify

    async def receive(self, gateway: str, account: WebhookAccount, body: bytes, context: Context) -> None:
        """``body`` is signed by the account's provider. An event that was received before changes nothing."""
        event = _read(gateway, body)
        state, kept = await retry_on_conflict(lambda: self._keep(gateway, account, event, body, context))
        RECEIVED.labels(gateway, state if kept else "repeated").inc()
        if kept and state in {"unreadable", "unmatched"}:
            LOG.warning("webhook_not_matched", gateway=gateway, state=state, account=str(account.account_id))

    # failpoint: none needed (store-transaction)
    async def _keep(
        self, gateway: str, account: WebhookAccount, event: Event | None, body: bytes, context: Context
    ) -> tuple[State, bool]:
        """Also whether the event is new."""
        async with self._store.transaction() as transaction:
            work = self._store.begin_within(transaction.connection, transaction.now)
            work.switch_context(context)
            state = await self._state_of(gateway, event, work)
            await forget_refusals(transaction.connection, account.account_id)
            kept = await keep(
                transaction.connection,
                Received(
                    gateway,
                    account.account_id,
                    event.id[:MAX_TEXT] if event else hashlib.sha256(body).hexdigest(),
                    account.tenant,
                    event.type[:MAX_TEXT] if event else "",
                    event.reference[:MAX_TEXT] if event and event.reference else None,
                    hashlib.sha256(body).digest(),
                    state,
                    transaction.now,
                ),
            )
            if kept:
                await self._store.flush(work, transaction.connection)
                transaction.units_of_work.append(work)
        return state, kept

    async def _state_of(self, gateway: str, event: Event | None, work: UnitOfWork) -> State:
        if event is None:
            return "unreadable"
        if event.cause is None:
            return "ignored"
        return "matched" if await self._notify(gateway, event, work) else "unmatched"


def _read(gateway: str, body: bytes) -> Event | None:
    try:
        document: Any = orjson.loads(body)
        return READERS[gateway](document)
    except (orjson.JSONDecodeError, Unreadable):
        return None
